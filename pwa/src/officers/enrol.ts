// Joining: a code, typed in the app itself, becomes this phone's token.

import { deviceName } from "../platform/browser";
import { Problem, post } from "../platform/http";
import { newId } from "../platform/ids";
import { beginSession, type Enrolled } from "./session";

/** Drawn before a code goes and kept until its answer is: the same code sent again with it gives the same device. */
const NONCE = "loa-nonce";
/** Where many come in at once the server sends each away for a few seconds: up to a minute and a half. */
const TRIES = 18;

/** `waits` is called when the server is busy and the code is going to be sent again. */
export async function enrol(code: string, waits: () => void): Promise<void> {
  localStorage[NONCE] ??= newId();
  const label = deviceName(navigator.userAgent);
  await beginSession(await ask({ code, nonce: localStorage[NONCE], label }, waits, TRIES));
  delete localStorage[NONCE];
  // Asked once there is something to keep; a browser that says no still works.
  await navigator.storage?.persist?.();
}

async function ask(question: object, waits: () => void, left: number): Promise<Enrolled> {
  try {
    return await post<Enrolled>(null, "enrolment", question);
  } catch (error) {
    if (!(error instanceof Problem && error.code === "busy" && left > 1)) throw error;
    waits();
    // Not all at the same moment again.
    await new Promise((resolve) => setTimeout(resolve, 3000 + 4000 * Math.random()));
    return ask(question, waits, left - 1);
  }
}
