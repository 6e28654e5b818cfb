// The service worker of a phone, as far as it hands in what waits while the app is closed (SPEC X-35): a script of its own, as in a
// browser, which shares nothing with the page but the disk.

import { handIn } from "../src/worker/hand-in";

export const acts = { handIn };
