// Joining: an 8-digit code, typed in the app itself, becomes this phone's token.
import { call, json } from "./hub";
import { begin, type Enrolled, type Session } from "./session";

export async function enrol(code: string): Promise<Session> {
  const body = JSON.stringify({ code, label: navigator.userAgent.slice(0, 100) });
  const headers = { "Content-Type": "application/json" };
  const session = await begin(
    json<Enrolled>(await call(null, "enrolment", { method: "POST", body, headers })),
  );
  // Asked once there is something to keep; a browser that says no still works.
  await navigator.storage?.persist?.();
  return session;
}
