// How much room the browser gives, and whether it promised to keep what is there. Null where it does not say.

/** A photo with its thumbnail. */
export const PHOTO_BYTES = 200_000;
/** Said while so many still go in: before it happens, in words. */
export const SCARCE_PHOTOS = 100;

export interface Room {
  readonly used: number;
  readonly all: number;
  readonly kept: boolean;
}

export async function room(): Promise<Room | null> {
  const { storage } = navigator;
  const { usage: used = 0, quota: all = 0 } = (await storage?.estimate?.()) ?? {};
  return all ? { used, all, kept: await storage.persisted() } : null;
}
