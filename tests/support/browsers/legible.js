// What axe does not measure: nothing wider than the screen, no small text, nothing too small for a thumb, and whatever
// has the focus in plain sight. Told as sentences; none is good.
({ target, small, large }) => {
  const told = [];
  const named = (one) => `<${one.tagName.toLowerCase()}${one.className ? ` class="${one.className}"` : ""}> ${one.textContent.trim().slice(0, 40)}`;
  // What lies behind a dialog is out of reach on purpose.
  const front = document.querySelector("dialog[open]") ?? document.body;
  const seen = (one) => front.contains(one) && one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  const wide = document.documentElement.clientWidth;

  if (document.documentElement.scrollWidth > wide) {
    const out = [...document.body.querySelectorAll("*")].filter((one) => seen(one) && one.getBoundingClientRect().right > wide + 0.5);
    told.push(`wider than ${wide} px: ${out.slice(-3).map(named).join("; ")}`);
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(box)) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    if (size < small) told.push(`text of ${size} px: ${named(box)}`);
  }

  const pressed = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(seen);
  for (const one of pressed) {
    const box = one.closest("label") ?? one;
    const { width, height } = box.getBoundingClientRect();
    // A link in a sentence is as high as its line.
    const inSentence = getComputedStyle(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim();
    const least = one.matches("input, select, textarea") ? height : Math.min(width, height);
    if (!inSentence && least < target - 0.5) told.push(`only ${Math.round(width)} x ${Math.round(height)} px: ${named(box)}`);
  }

  const over = [...document.body.querySelectorAll("*")].filter((one) => {
    const { position, pointerEvents } = getComputedStyle(one);
    return (position === "sticky" || position === "fixed") && pointerEvents !== "none" && seen(one);
  });
  const { scrollX, scrollY } = window;
  for (const one of pressed.filter((one) => !one.disabled)) {
    one.focus();
    const box = (one.closest("label") ?? one).getBoundingClientRect();
    for (const bar of over) {
      if (bar.contains(one) || one.contains(bar)) continue;
      const edge = bar.getBoundingClientRect();
      const down = Math.min(box.bottom, edge.bottom) - Math.max(box.top, edge.top);
      const along = Math.min(box.right, edge.right) - Math.max(box.left, edge.left);
      if (down <= 1 || along <= 1) continue;
      // What lies in front of a bar, as a notice over the header, is not under it.
      const front = document.elementFromPoint(Math.max(box.left, edge.left) + along / 2, Math.max(box.top, edge.top) + down / 2);
      if (!one.contains(front)) told.push(`focus under ${named(bar)}: ${named(one)}`);
    }
  }
  if (large) {
    // Of a syllable, a short word or a number no letter stands in a line of its own.
    const words = document.createTreeWalker(front, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      const { currentNode: text } = words;
      if (!seen(text.parentElement)) continue;
      for (const found of text.data.matchAll(/(?<![^\s])[\p{L}\p{N}.,]{2,8}(?![^\s])/gu)) {
        const range = document.createRange();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1)
          told.push(`broken in a word: ${found[0]} in ${named(text.parentElement)}`);
      }
    }

    const room = window.innerHeight;
    const bars = over.filter((one) => !one.closest("[role=dialog], dialog") && !over.some((other) => other !== one && other.contains(one)));
    const taken = bars.reduce((sum, one) => sum + one.getBoundingClientRect().height, 0);
    if (taken > room / 2) told.push(`bars take ${Math.round(taken)} of ${room} px: ${bars.map(named).join("; ")}`);

    for (const one of pressed.filter((one) => !one.disabled)) {
      const box = one.closest("label") ?? one;
      box.scrollIntoView({ block: "center" });
      // Of a link that goes on in the next line its first one.
      const { left, top, width, height } = box.getClientRects()[0];
      const hit = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, room / 2 - 1));
      // A notice goes by itself, and by its own button.
      if (hit && !box.contains(hit) && !hit.contains(box) && !hit.closest("[role=status]")) told.push(`a tap on ${named(box)} lands on ${named(hit)}`);
    }
  }
  document.activeElement?.blur();
  scrollTo(scrollX, scrollY);
  return told;
}
