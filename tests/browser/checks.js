(() => {
  // What a reader of the page would trip over: text that overflows, and text with too little contrast.
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const root = document.documentElement;
  const found = { width: root.clientWidth, scrollWidth: root.scrollWidth, overflow: [], contrast: [], texts: 0 };

  const isVisible = (el) => {
    const box = el.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(el).visibility !== "hidden";
  };
  const scrolls = (el) => {
    for (let at = el; at; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const named = (el) => `${el.tagName}.${el.className.baseVal ?? el.className}: ${el.textContent.trim().slice(0, 60)}`;

  for (const el of document.body.querySelectorAll("*")) {
    if (el.closest("svg") || !isVisible(el) || scrolls(el)) continue;
    if (el.clientWidth && el.scrollWidth > el.clientWidth + 1) found.overflow.push(`inside ${named(el)}`);
    if (el.getBoundingClientRect().right > root.clientWidth + 1) found.overflow.push(`beyond ${named(el)}`);
  }
  for (const cell of document.querySelectorAll("th, td, p, li, dd, h1, h2, h3")) {
    const letters = cell.textContent.trim().length;
    if (isVisible(cell) && letters > 6 && cell.clientWidth < 45) found.overflow.push(`squeezed ${named(cell)}`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (!isVisible(svg)) continue;
    const edge = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.width && (box.right > edge.right + 1 || box.left < edge.left - 1)) found.overflow.push(`chart ${named(text)}`);
    }
  }

  const rgba = (text) => {
    const parts = (text.match(/[\d.]+/g) || []).map(Number);
    return parts.length < 3 ? null : [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const background = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour && colour[3] > 0) layers.push(colour);
      if (colour && colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !el || ["STYLE", "SCRIPT"].includes(el.tagName) || !isVisible(el)) continue;
    const style = getComputedStyle(el);
    const colour = rgba(el.closest("svg") ? style.fill : style.color);
    if (!colour) continue;
    found.texts += 1;
    const paper = background(el.closest("svg") ? el.closest("svg").parentElement : el);
    const [light, dark] = [luminance(over(colour, paper)), luminance(paper)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.contrast.push(`${ratio.toFixed(2)} ${named(el)}`);
  }
  return found;
})()
