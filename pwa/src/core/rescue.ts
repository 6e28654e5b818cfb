// A rescue file (SPEC ): the outbox as sealed blocks, each made by itself, so that no phone ever holds more
// of it than one photo. Each is bound to the file, its kind and its place.
const FILE_BYTES = 200 * 1024 * 1024;
const BLOCKS = 10_000;
const WRITES = 20_000;
/** Beside the contents of a block: kind, length, tag. */
const BLOCK_MORE = 21;
/** The start of a file and its last block, at most. */
const FILE_MORE = 2_000;

/** In the order of the file. */
export interface Header {
  readonly device: string;
  readonly made_at: number;
  readonly iv: string;
  readonly app: number;
}

/** What one block will hold: so many bytes, and so many writes. */
export interface Piece {
  readonly bytes: number;
  readonly writes: number;
}

/** The pieces of each file, in their order; a file more wherever one would be too large. */
export function parts<P extends Piece>(pieces: readonly P[], most = FILE_BYTES): P[][] {
  const files: P[][] = [];
  let [bytes, writes] = [most, 0];
  for (const piece of pieces) {
    bytes += piece.bytes + BLOCK_MORE;
    writes += piece.writes;
    const last = files.at(-1);
    if (last && bytes <= most && writes <= WRITES && last.length < BLOCKS - 1) last.push(piece);
    else {
      files.push([piece]);
      [bytes, writes] = [FILE_MORE + piece.bytes + BLOCK_MORE, piece.writes];
    }
  }
  return files;
}

/** The start of a file, and what seals its next block. */
export async function sealed(key: string, header: Header) {
  const secret = await crypto.subtle.importKey("raw", bytes(decoded(key)), "AES-GCM", false, ["encrypt"]);
  const text = JSON.stringify(header);
  const start = `LOARESCUE1\n${number(text.length)}${text}`;
  let count = 0;
  const seal = async (kind: string, contents: BufferSource): Promise<Blob> => {
    const iv = bytes(decoded(header.iv) + number(count));
    count += 1;
    const additionalData = bytes(start + kind);
    const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, secret, contents);
    return new Blob([bytes(kind + number(closed.byteLength)), closed]);
  };
  return { start: bytes(start), seal };
}

/** Text of which each character is a byte. */
function bytes(latin: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(latin, (char) => char.charCodeAt(0));
}

function decoded(base64url: string): string {
  return atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
}

/** Unsigned, big-endian, 4 bytes. */
function number(n: number): string {
  return String.fromCharCode(n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}
