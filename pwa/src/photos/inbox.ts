// Photos that came several at once, from a chooser or from another app by way of the worker (worker/service-worker.ts), and PDF files that
// another app handed over wait here as they are, so that a killed page loses none, until their officer (tray.ts) is there and a form takes
// them in. A file of its own, because the worker has it too and opens no database.
import { newId } from "../platform/ids";

/** By the page's camera, by the phone's own, chosen from what the phone has, handed over by another app (SPEC P-1). */
export type Source = "camera" | "phone" | "gallery" | "forwarded";

export const INBOX = "loa-inbox";
const PDF = "pdf";

/** All of them or none. */
export async function layIntoInbox(files: readonly File[], source: Source): Promise<void> {
  const inbox = await caches.open(INBOX);
  // An address is never used twice: one that is noted as taken (tray.ts) is deleted unseen.
  const keys = files.map((file) =>
    source === "forwarded" && isPdf(file)
      ? `/app/${newId()}/${PDF}/${file.lastModified}?name=${encodeURIComponent(file.name)}`
      : `/app/${newId()}/${source}/${file.lastModified}`,
  );
  try {
    for (const [at, file] of files.entries()) await inbox.put(keys[at] ?? "", new Response(file));
  } catch (error) {
    for (const key of keys) await inbox.delete(key);
    throw error;
  }
}

/** Android hands over many a file without a type that says what it is. */
function isPdf({ type, name }: File): boolean {
  return type === "application/pdf" || (!type.startsWith("image/") && /\.pdf$/i.test(name));
}

/** What the key of a file says of it; where it is a PDF, its name. */
interface Laid {
  readonly id: string;
  readonly source: Source;
  readonly at: number;
  readonly pdf: string | undefined;
}

export function laidAs({ url }: Pick<Request, "url">): Laid {
  const { pathname, searchParams } = new URL(url);
  const [id = "", source = "", at = ""] = pathname.split("/").slice(-3);
  const pdf = source === PDF ? (searchParams.get("name") ?? "") : undefined;
  return { id, source: source as Source, at: Number(at), pdf };
}
