// D-13: answers go after the text; a failure of the server keeps them, a refusal is kept for the officer.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { keepReply, waitingReplies } from "../outbox/replies";
import { type Asked, serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { sendReplies } from "./send-replies";

let db: Db;

beforeEach(async () => {
  newPage();
  db = await phone();
  await keepReply(db, "r", "d", "Đã treo lại");
});
afterEach(() => vi.unstubAllGlobals());

const problem = (status: number, code: string) => Response.json({ code }, { status });

it("it is said with its decision, under the id that it was kept with", async () => {
  const [[, own] = []] = await waitingReplies(db);
  const asked: readonly Asked[] = serve(() => Response.json({ id: own?.id, text: own?.text, by: "", at: 1 }));
  await sendReplies(db, "t");
  expect(asked.map(({ path }) => path)).toEqual(["records/r/reply"]);
  expect(asked[0]?.said).toEqual({ id: own?.id, decision: "d", text: "Đã treo lại", at: own?.at });
  expect(await waitingReplies(db)).toEqual([]);
});

it.each([500, 503, 401])("after a %i it waits", async (status) => {
  serve(() => problem(status, "internal"));
  await expect(sendReplies(db, "t")).rejects.toMatchObject({ status });
  expect(await waitingReplies(db)).toHaveLength(1);
});

it("a return that is in force no more is said to the officer", async () => {
  serve(() => problem(409, "no_decision"));
  await sendReplies(db, "t");
  expect((await meta(db, "replies"))?.["d"]).toMatchObject({ code: "no_decision" });
});
