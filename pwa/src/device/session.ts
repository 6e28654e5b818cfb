// Who uses this phone. A session names the database of its officer; enrolling the same officer again changes the
// token alone, so the outbox goes on under it (SPEC X-14). Another officer gets another database: kept apart.
import { changed } from "./bus";
import { type Database, open } from "./store";

export interface Session {
  readonly officer: string;
  readonly token: string;
  readonly device: string;
  /** Seals this device's rescue files (SPEC R-5), also when the hub takes the token no longer. */
  readonly rescue_key: string;
  readonly database: string;
  /** The hub no longer takes the token: a new code is needed, nothing on the phone is touched. */
  readonly ended: boolean;
}

interface Schema {
  sessions: { row: Session };
}

const CURRENT = "current";
let opened: Promise<Database<Schema>> | undefined;

function sessions(): Promise<Database<Schema>> {
  opened ??= open<Schema>("loa", { sessions: [] });
  return opened;
}

/** The last session of an officer; of whoever uses the phone now, if none is named. */
export async function currentSession(officer = CURRENT): Promise<Session | undefined> {
  return (await sessions()).get("sessions", officer);
}

/** What the hub answers to a code. */
export type Enrolled = Pick<Session, "officer" | "token" | "device" | "rescue_key">;

export async function begin({ officer, token, device, rescue_key }: Enrolled): Promise<void> {
  const database = (await currentSession(officer))?.database ?? `loa-${device}`;
  await keep({ officer, token, device, rescue_key, database, ended: false });
}

/** After a 401. */
export async function end(session: Session): Promise<void> {
  await keep({ ...session, ended: true });
  changed();
}

async function keep(session: Session): Promise<void> {
  await (await sessions()).atomically(async (tx) => {
    await tx.put("sessions", session, session.officer);
    await tx.put("sessions", session, CURRENT);
  });
}
