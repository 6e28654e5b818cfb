/** Grows when this app learns more of the exchange (SPEC V-1): 2 asks for lost answers, reads lines, and brings back;
 * 3 says when what it brings back was first received. */
export const APP = 3;
