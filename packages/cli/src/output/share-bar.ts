const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A share, 0–1, as a bar of `width` cells. */
export function shareBar(share: number, width = 8): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const bar = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return bar.padEnd(width, '·');
}
