// What the browser says of the network and the battery, where it does (Chromium): what it costs, and how long there is power.

interface Connection {
  readonly type?: string;
  readonly saveData?: boolean;
  readonly downlink?: number;
}

interface Battery {
  readonly charging: boolean;
  readonly level: number;
}

function connection(): Connection | undefined {
  return (globalThis.navigator as Navigator & { readonly connection?: Connection })?.connection;
}

/** True on mobile data; where the browser does not say, nothing is held back. */
export function costs(): boolean {
  const { type, saveData } = connection() ?? {};
  return type === "cellular" || saveData === true;
}

/** Bytes a second, as the browser estimates them; undefined where it does not. */
export function bytesASecond(): number | undefined {
  const { downlink } = connection() ?? {};
  return downlink ? (downlink * 1e6) / 8 : undefined;
}

const LOW = 0.15;

/** Less than 15 % and not charging. */
export async function batteryLow(): Promise<boolean> {
  const asked = (globalThis.navigator as Navigator & { getBattery?: () => Promise<Battery> })?.getBattery;
  const battery = await asked?.call(navigator).catch(() => undefined);
  return battery !== undefined && !battery.charging && battery.level < LOW;
}
