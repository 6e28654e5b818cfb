/** By the page's camera, by the phone's own, chosen from what the phone has, handed over by another app (SPEC P-1). */
export type Source = "camera" | "phone" | "gallery" | "forwarded";
