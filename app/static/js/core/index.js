// Conditions and formulas in the browser. The server judges again with app/core/expressions, which these files mirror.
import { E_AST, E_DATE, E_DIV0, E_LIMIT, E_NUM, E_TYPE } from '../../../core/messages/expressions.json';

export { compile, evaluate } from './compile.js';
export { asStored, fromTagged, toTagged } from './values.js';

const TEXTS = { E_AST, E_DATE, E_DIV0, E_LIMIT, E_NUM, E_TYPE };

/** What is wrong, in the reader's language: `message('E_DIV0', 'zh-CN')`. */
export const message = (code, locale) => TEXTS[code][/^zh/i.test(locale) ? 'zh' : 'en'];
