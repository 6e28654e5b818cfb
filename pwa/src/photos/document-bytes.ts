// The bytes of a PDF on a record: from this phone when it has them, else from the server (SPEC P-19), one at a time and
// behind no picture. What was fetched is kept nowhere.
import type { Document } from "../core/documents";
import { part } from "../core/record";
import type { Db } from "../db/schema";
import { call, Problem } from "../platform/http";

/** Or the code of the sentence that says why there are none; undefined for one that is `wanted` no more. */
export async function documentBytes(
  db: Db,
  token: string,
  record: string,
  [field, value]: Document,
  wanted: () => boolean,
): Promise<ArrayBuffer | string | undefined> {
  const held = await db.get("bytes", String(part(value, "sha256")));
  if (held) return held;
  return navigator.locks.request("loa-document", async () => {
    if (!wanted()) return;
    if (!navigator.onLine) return "document_away";
    try {
      const bytes = await (await call(token, `records/${record}/${field}`)).arrayBuffer();
      return wanted() ? bytes : undefined;
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 0) return "unreachable";
      return error.status === 404 ? "document_coming" : error.code;
    }
  });
}
