// The evaluator alone as one script: what the vectors and the fuzzer run against Python.
import * as expressions from './index.js';

globalThis.expressions = expressions;
