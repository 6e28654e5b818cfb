// Joining: an 8-digit code, typed in the app itself, becomes this phone's token.
import { post } from "./post";
import { newId } from "./random";
import { begin, type Enrolled } from "./session";

/** Drawn before a code goes and kept until its answer is: the same code sent again with it gives the same device. */
const NONCE = "loa-nonce";

export async function enrol(code: string): Promise<void> {
  localStorage[NONCE] ??= newId();
  const label = navigator.userAgent.slice(0, 100);
  await begin(await post<Enrolled>(null, "enrolment", { code, nonce: localStorage[NONCE], label }));
  delete localStorage[NONCE];
  // Asked once there is something to keep; a browser that says no still works.
  await navigator.storage?.persist?.();
}
