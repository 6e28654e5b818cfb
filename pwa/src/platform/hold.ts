// What is in this page's memory alone, a shot on its way to the disk say: as long as there is some, nothing begins the page anew.
const holders = new Set<object>();
const waiting: (() => void)[] = [];

/** Returns how to let go. */
export function holdPage(): () => void {
  const holder = {};
  holders.add(holder);
  return () => {
    holders.delete(holder);
    if (holders.size > 0) return;
    for (const act of waiting.splice(0)) act();
  };
}

/** At once, or when nothing holds the page any more. */
export function whenLetGo(act: () => void): void {
  if (holders.size > 0) waiting.push(act);
  else act();
}
