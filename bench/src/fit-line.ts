/** Ordinary least squares: the straight line that is nearest to points, and how sure its slope is. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): {
  readonly slope: number;
  readonly at0: number;
  /** Standard error of the slope. */
  readonly slopeError: number;
} {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares;
  const at0 = meanY - slope * meanX;
  const residual = points.reduce((sum, [x, y]) => sum + (y - at0 - slope * x) ** 2, 0);
  return { slope, at0, slopeError: Math.sqrt(residual / Math.max(1, count - 2) / squares) };
}

/** The exponent by which y grows with x: 0 not at all, 1 as fast as x. Undefined for fewer than two points. */
export function growthExponent(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  const positive = points.filter(([x, y]) => x > 0 && y > 0);
  if (positive.length < 2) return undefined;
  return fitLine(positive.map(([x, y]) => [Math.log(x), Math.log(y)])).slope;
}
