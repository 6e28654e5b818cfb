import { expect, test as it } from "vitest";
import { ownWrite } from "../../db/phone.testing";
import type { UploadRow } from "../../db/schema";
import { refusalsOf } from "./refusals";

function upload(field: string, code?: string): UploadRow {
  const state = code ? "refused" : "waiting";
  return {
    sha256: field,
    role: "full",
    record: "r",
    stream: "",
    size_bytes: 1,
    sent_bytes: 0,
    field,
    state,
    code,
  };
}

function called(name: string) {
  return [{ id: name, at: 1, by: "", value: { name } }];
}

it("H-3: each refused PDF has its own line with its name; refused photos share one; a refused write hides its files", () => {
  const fields = {
    "documents/a": called("a.pdf"),
    "documents/b": called("b.pdf"),
    "documents/c": called("c.pdf"),
  };
  const writes = [
    ownWrite("r", {}, { state: "refused", code: "too_long" }),
    ownWrite("s", {}, { record: "r" }),
  ];
  const uploads = [
    upload("documents/a", "document_active"),
    upload("documents/b", "document_active"),
    upload("documents/c", "too_long"),
    upload("photos/a", "hash_mismatch"),
    upload("photos/b", "hash_mismatch"),
    upload("photos/c"),
  ];
  expect(refusalsOf(writes, uploads, fields)).toEqual([
    { code: "too_long", file: "" },
    { code: "document_active", file: "a.pdf" },
    { code: "document_active", file: "b.pdf" },
    { code: "hash_mismatch", file: "" },
  ]);
});
