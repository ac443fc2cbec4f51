/** Text on the accent colour: black or white, whichever contrasts more (at least 4.58 to 1 on any colour). */

/** Return "#000000" or "#ffffff" for a colour "#rrggbb". Relative luminance as WCAG 2.2 defines it. */
export function textOn(colour: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  // 0.1791 is where black and white contrast equally.
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.1791 ? "#000000" : "#ffffff";
}
