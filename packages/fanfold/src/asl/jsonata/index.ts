/** JSONata in the Amazon States Language. */
export { AWS_BOUNDS, DEFAULT_BOUNDS, type JsonataBounds } from './bounds.ts';
export { EvaluationError, expectRange, expectType, type JsonType } from './evaluation-error.ts';
export { compileJsonata, type JsonataExpression, type JsonataScope } from './expression.ts';
export { JsonataError, JsonataSyntaxError } from './jsonata-error.ts';
export {
  compileJsonataField,
  compileJsonataTemplate,
  isHalfJsonata,
  isJsonata,
  type JsonataField,
  type JsonataTemplate,
} from './template.ts';
