// Every text of the flow designer, Chinese and English side by side; {x} is filled in. What the form designer says as well stands in
// ../designer/words.js; what stands here goes before it.
import { words as comments } from './comments/words.js';
import { words as load } from './load/words.js';
import { words as panel } from './panel/words.js';
import { words as sandbox } from './sandbox/words.js';

const WORDS = {
  // the bar
  all_flows: ['所有流程', 'All flows'],
  unnamed_flow: ['未命名流程', 'Untitled flow'],
  save_conflict: ['没有保存：有同事刚改过这个流程。', 'Not saved: a colleague has changed this flow.'],
  views: ['怎么看', 'View'],
  view_guided: ['引导', 'Guided'],
  view_free: ['自由', 'Free'],
  view_outline: ['大纲', 'Outline'],
  view_guided_help: ['自动排好位置，点 + 添加', 'Laid out for you; + adds a step'],
  view_free_help: ['自己拖动位置、拉线', 'Drag steps and draw lines yourself'],
  view_outline_help: ['按顺序的列表，适合键盘和手机', 'The same order as a list, for keyboards and phones'],

  // canvas
  canvas: ['流程图', 'Flow chart'],
  map: ['缩略图', 'Small map'],
  zoom_in: ['放大', 'Zoom in'],
  zoom_out: ['缩小', 'Zoom out'],
  zoom_fit: ['看全部', 'Show all'],
  zoom_life: ['原始大小', 'Actual size'],
  tidy: ['整理', 'Tidy up'],
  tidy_help: ['重新排好没有固定的节点，拖过的不动', 'Lays out the steps that nobody dragged'],
  export: ['导出图片', 'Export'],
  export_svg: ['矢量图 SVG', 'SVG drawing'],
  export_png: ['图片 PNG', 'PNG picture'],
  exported: ['已导出 {name}', 'Exported {name}'],
  side: ['节点类型', 'Types of steps'],
  side_help: ['点击添加到选中的节点后面，或拖到线上', 'Click to add behind the selected step, or drag onto a line'],
  find_step: ['找节点', 'Find a step'],
  find_step_help: ['输入名称，回车跳过去', 'Type a name; Enter goes there'],
  found_n: ['找到 {n} 个', '{n} found'],
  found_none: ['没有叫“{query}”的节点', 'No step is called “{query}”'],
  missing: ['未安装', 'Not installed'],
  add_start: ['再加一种开始方式', 'Add another start'],
  add_after: ['在“{what}”后面添加', 'Add after “{what}”'],
  add_at: ['在“{what}”的“{port}”后面添加', 'Add after “{port}” of “{what}”'],
  leads_nowhere: ['还没有去处', 'Leads nowhere yet'],
  covered: ['{what}：计时中的节点', '{what}: timed here'],
  visits_n: ['经过 {n} 次', 'Passed {n} times'],
  errors_n: ['{n} 个必须改', '{n} to fix'],
  warnings_n: ['{n} 个请留意', '{n} to look at'],
  empty_title: ['从哪里开始？', 'Where does it start?'],
  empty_help: ['先选一种开始方式，再用 + 一步步往下加', 'Choose how tickets come in; then add steps with +'],
  pinned: ['已固定', 'Pinned'],
  unpin: ['不再固定', 'Unpin'],
  chosen_n: ['选中 {n} 个', '{n} chosen'],
  duplicate: ['复制一份', 'Duplicate'],
  copy: ['拷贝', 'Copy'],
  copy_help: ['拷贝后可以粘贴到这个或别的流程（Ctrl+V）', 'Then paste it here or into another flow (Ctrl+V)'],
  delete: ['删除', 'Delete'],
  copy_refused: ['浏览器不让拷贝，请用 Ctrl+C。', 'The browser does not allow it. Please press Ctrl+C.'],
  comment: ['说明：{words}', 'Note: {words}'],
  canvas_help: ['方向键沿着流程走，回车打开设置，+ 在后面添加，Delete 删除', 'Arrow keys walk along the flow, Enter opens the settings, + adds behind, Delete removes'],

  // what is chosen where a plus stands
  palette_add: ['添加节点', 'Add a step'],
  palette_link: ['连到已有节点', 'Lead to a step'],
  palette_find: ['找一种节点', 'Find a type'],
  palette_find_step: ['找一个已有的节点', 'Find a step of this flow'],
  palette_none: ['没有叫“{query}”的节点类型', 'No type is called “{query}”'],
  palette_none_step: ['没有可以连到的节点', 'There is no step to lead to'],
  most_used: ['最常用', 'Most used'],
  cut_line: ['断开这条线', 'Cut this line'],
  leads_now: ['现在连到这里', 'Leads here now'],
  goes_back: ['往回', 'Back'],

  // what was done
  did_add: ['添加“{what}”', 'Add “{what}”'],
  did_delete: ['删除“{what}”', 'Delete “{what}”'],
  did_move: ['移动“{what}”', 'Move “{what}”'],
  did_duplicate: ['复制一份“{what}”', 'Duplicate “{what}”'],
  did_copy: ['已复制 {n} 个节点', '{n} steps copied'],
  did_paste: ['粘贴 {n} 个节点', 'Paste {n} steps'],
  did_link: ['连到“{what}”', 'Lead to “{what}”'],
  did_cut: ['断开连线', 'Cut a line'],
  did_tidy: ['整理', 'Tidy up'],
  did_unpin: ['不再固定“{what}”', 'Unpin “{what}”'],
  did_rename: ['改名为“{what}”', 'Rename to “{what}”'],
  n_steps: ['{n} 个节点', '{n} steps'],
  also_deleted: ['“{what}”已删除，只有它通向的 {n} 个节点也一起删了', '“{what}” is deleted, and with it {n} steps that only it led to'],
  paste_unknown: ['剪贴板里的内容读不懂，没有粘贴', 'What was copied cannot be read; nothing was pasted'],
  paste_missing: ['粘贴的节点里有没安装的类型：{types}', 'Some of the pasted steps are of types that are not installed: {types}'],
  link_refused: ['不能这样连：{why}', 'This line cannot be drawn: {why}'],
  no_gone: ['节点已经不在了', 'the step is gone'],
  no_into_start: ['开始节点前面不能再有节点', 'nothing can come before a start'],
  no_into_clock: ['计时不在流程里，它覆盖别的节点', 'a timer stands beside the flow; it covers other steps'],
  no_into_itself: ['不能连回自己', 'a step cannot lead to itself'],
  no_taken: ['这个出口已经连到别处，要同时走几路请加“并行”', 'this way out already leads somewhere; use “Parallel” to go several ways at once'],

  // compared
  cmp_added: ['新增', 'Added'],
  cmp_removed: ['已删除', 'Removed'],
  cmp_changed: ['已修改', 'Changed'],
  cmp_was: ['原来', 'Before'],
  cmp_title: ['和“{what}”比较', 'Compared with “{what}”'],
  cmp_counts: ['新增 {added}，删除 {removed}，修改 {changed}', '{added} added, {removed} removed, {changed} changed'],
  cmp_same: ['没有不同', 'Nothing differs'],
  cmp_close: ['退出比较', 'Leave the comparison'],

  // dock
  dock: ['底部面板', 'Dock'],
};

/** Keys with their [Chinese, English]. */
export const words = { ...WORDS, ...panel, ...load, ...sandbox, ...comments };
