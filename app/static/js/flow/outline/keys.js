// What the keys do in the outline; `tree` is what it offers for the line in focus (Outline.jsx).
export const OUTLINE = [
  { keys: ['ArrowUp'], words: 'key_o_before', run: (tree) => tree.by(-1) },
  { keys: ['ArrowDown'], words: 'key_o_after', run: (tree) => tree.by(1) },
  { keys: ['ArrowRight'], words: 'key_o_in', run: (tree) => tree.into() },
  { keys: ['ArrowLeft'], words: 'key_o_out', run: (tree) => tree.out() },
  { keys: ['Home', 'End'], words: 'key_o_ends', run: (tree, event) => tree.end(event.key === 'End') },
  { keys: ['Alt+ArrowUp', 'Alt+ArrowDown'], words: 'key_o_move', run: (tree, event) => tree.move(event.key === 'ArrowDown' ? 1 : -1) },
  { keys: ['Enter', 'F2', ' '], words: 'panel', run: (tree) => tree.open() },
  { keys: ['+', '=', 'Insert'], words: 'key_add', run: (tree) => tree.add() },
  { keys: ['Delete', 'Backspace'], words: 'key_delete', run: (tree) => tree.drop() },
];
