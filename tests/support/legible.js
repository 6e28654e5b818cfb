// What axe does not measure: nothing wider than the screen, no small text, nothing too small for a thumb, and whatever
// has the focus in plain sight. Told as sentences; none is good.
({ target, small }) => {
  const told = [];
  const named = (one) => `<${one.tagName.toLowerCase()}${one.className ? ` class="${one.className}"` : ""}> ${one.textContent.trim().slice(0, 40)}`;
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
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
      if (down > 1 && along > 1) told.push(`focus under ${named(bar)}: ${named(one)}`);
    }
  }
  document.activeElement?.blur();
  scrollTo(scrollX, scrollY);
  return told;
}
