// Where a finding stands: which setting of its field its JSON path names.

/** "fields[2].sensitive.reveal[0]" → "sensitive.reveal"; "" of a path that names no setting. */
export const settingOf = (where) => (where || '').match(/^fields\[\d+\](?:\.fields\[\d+\])?\.(.+)$/)?.[1].replace(/\[\d+\]/g, '') || '';

/** The path and what it stands in, the nearest first: "a.b" → ["a.b", "a"]. */
export const withParents = (path) => path.split('.').map((_, at, parts) => parts.slice(0, parts.length - at).join('.')).filter(Boolean);
