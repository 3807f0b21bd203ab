// The course of a line as an SVG path: straight runs with rounded corners, and the arrow at its end.

const R = 8;
const OUT = 18; // how far a line goes straight down before it turns, and up before it ends
const AROUND = 150;

/** A simple course between two points, for lines whose ends were dragged. */
export function simple(x1, y1, x2, y2) {
  if (y2 >= y1 + 2 * OUT) {
    const y = Math.abs(x1 - x2) < 1 ? y2 : (y1 + y2) / 2;
    return [[x1, y1], [x1, y], [x2, y], [x2, y2]];
  }
  const side = Math.max(x1, x2) + AROUND;
  return [[x1, y1], [x1, y1 + OUT], [side, y1 + OUT], [side, y2 - OUT], [x2, y2 - OUT], [x2, y2]];
}

const tidied = (points) => points.filter(([x, y], n) => !n || Math.abs(x - points[n - 1][0]) > 0.5 || Math.abs(y - points[n - 1][1]) > 0.5);

/** SVG path data of a course. */
export function path(points) {
  const all = tidied(points);
  let d = `M${all[0][0]} ${all[0][1]}`;
  for (let n = 1; n < all.length - 1; n += 1) {
    const [[x0, y0], [x, y], [x1, y1]] = [all[n - 1], all[n], all[n + 1]];
    const before = Math.min(R, Math.hypot(x - x0, y - y0) / 2);
    const after = Math.min(R, Math.hypot(x1 - x, y1 - y) / 2);
    const from = [x + Math.sign(x0 - x) * before, y + Math.sign(y0 - y) * before];
    const to = [x + Math.sign(x1 - x) * after, y + Math.sign(y1 - y) * after];
    d += `L${from[0]} ${from[1]}Q${x} ${y} ${to[0]} ${to[1]}`;
  }
  const [x, y] = all[all.length - 1];
  return `${d}L${x} ${y}`;
}

/** The three points of the arrow at the end of a course. */
export function arrow(points) {
  const all = tidied(points);
  const [x, y] = all[all.length - 1];
  const [x0, y0] = all[all.length - 2] || [x, y - 1];
  const [dx, dy] = [Math.sign(x - x0), Math.sign(y - y0)];
  return `M${x} ${y}L${x - 8 * dx - 4.5 * dy} ${y - 8 * dy - 4.5 * dx}L${x - 8 * dx + 4.5 * dy} ${y - 8 * dy + 4.5 * dx}Z`;
}
