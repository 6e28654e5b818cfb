// Joining: an 8-digit code, typed in the app itself, becomes this phone's token.
import { post } from "./post";
import { begin, type Enrolled } from "./session";

export async function enrol(code: string): Promise<void> {
  await begin(await post<Enrolled>(null, "enrolment", { code, label: navigator.userAgent.slice(0, 100) }));
  // Asked once there is something to keep; a browser that says no still works.
  await navigator.storage?.persist?.();
}
