// The PDF files of a record or form of a kind that takes them (SPEC S-13): documents.tsx, fetched once it is on the screen.
import type { Kind } from "../core/kind";
import { lazily } from "../ui/lazy";
import type { DocumentsProps } from "./documents";

const List = lazily(async () => (await import("./documents")).DocumentList);

export function Documents({ kind, ...its }: DocumentsProps & { readonly kind: Kind | undefined }) {
  return kind?.documents ? <List max={kind.documents.max} {...its} /> : null;
}
