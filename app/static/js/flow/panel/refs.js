// Where a finding stands in the panel, and what shows a setting only beside others.

/** Whether a setting is shown with these settings beside it. `shown`: {key: value or list of values}. */
export function applies(setting, config, siblings) {
  return Object.entries(setting.showIf || {}).every(([key, wanted]) => {
    const other = siblings.find((one) => one.key === key);
    const value = config?.[key] ?? other?.default ?? null;
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}

/** The path and what it lies in, the nearest first: "config.to[0].role" → [that, "config.to[0]", "config.to", "config"]. */
export function within(path) {
  const out = [path];
  let rest = path;
  while (/[.[]/.test(rest)) {
    rest = rest.replace(/(\.[^.[\]]*|\[\d+\])$/, '');
    if (rest === out[out.length - 1]) break;
    out.push(rest);
  }
  return out;
}

/** Whether a path of a step's settings names one of its ways out, which edits of the drawing keep. */
export const isWayOut = (kind, path) => Boolean(kind?.portsFrom) && path.replace(/\[\d+\]/, '[]') === `config.${kind.portsFrom}`;

/** Whether a finding's field lies at or in a path. */
export const liesIn = (field, path) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
