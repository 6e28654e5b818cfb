/** Grows when this app learns more of the exchange (SPEC V-1): 2 asks for lost answers, reads lines, and brings back. */
export const APP = 2;
