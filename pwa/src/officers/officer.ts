// What is kept of each officer of this phone. Types alone: session and lock both need them, and one of the other.

/** What is kept of a PIN (pin.ts). */
export interface Pin {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: string;
  /** Wrong tries since the last right one. */
  readonly wrong: number;
}

export interface Session {
  readonly officer: string;
  readonly token: string;
  readonly device: string;
  /** Seals this device's rescue files (SPEC R-5), also when the server takes the token no longer. */
  readonly rescue_key: string;
  readonly database: string;
  /** The server no longer takes the token: a new code is needed, nothing on the phone is touched. */
  readonly ended: boolean;
  /** Of all officers of this phone the one with the greatest uses it now. */
  readonly turn: number;
  readonly pin?: Pin | undefined;
  /** When the officer left, in ms: what is here of them still is to be cleared. */
  readonly leaving?: number;
}
