// JSON patches (add, replace, remove at JSON pointers) on data that is never changed in place.

const parts = (pointer) => pointer.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));

/** The value at a pointer, undefined where there is none. */
export const at = (data, pointer) => parts(pointer).reduce((part, key) => (part === null || part === undefined ? undefined : part[key]), data);

function change(data, [key, ...rest], op) {
  if (Array.isArray(data)) {
    const index = key === '-' ? data.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > data.length) throw new Error(`no place ${key}`);
    const copy = [...data];
    if (rest.length) copy[index] = change(data[index], rest, op);
    else if (op.op === 'add') copy.splice(index, 0, op.value);
    else if (op.op === 'remove') copy.splice(index, 1);
    else copy[index] = op.value;
    return copy;
  }
  if (data === null || typeof data !== 'object') throw new Error(`no place ${key}`);
  const copy = { ...data };
  if (rest.length) copy[key] = change(data[key], rest, op);
  else if (op.op === 'remove') delete copy[key];
  else copy[key] = op.value;
  return copy;
}

/** The data after every step of a patch; throws where a step has no place. */
export const applyPatch = (data, patch) => patch.reduce((part, op) => change(part, parts(op.path), op), data);
