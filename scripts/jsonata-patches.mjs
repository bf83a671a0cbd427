// What jsonata-sync.mjs changes in the source of jsonata 2.2.2, besides taking `async` and `await` out. Each patch must
// match exactly as often as it says (once, unless `times` says otherwise), or the build fails.
//
// The patched code calls: spend(n) (fuel), enter()/leave() (one evaluated node), nest()/unnest() (recursion into data),
// checkText(length), checkItems(length), measure(value) (walks a value that is about to be written as JSON), and reads
// `run`, the evaluation that is going on.

const UTILS = [
  // The callback that the package looks up through every frame on every node is gone with it.
  {
    from: 'function isDeepEqual(lhs, rhs) {',
    to: `function isDeepEqual(lhs, rhs) {
        spend(1);
        nest();
        const equal = isDeepEqualBelow(lhs, rhs);
        unnest();
        return equal;
    }

    function isDeepEqualBelow(lhs, rhs) {`,
  },
  {
    from: `var arr = [];
        for (let char of str) {
            arr.push(char);
        }
        return arr;`,
    to: `spend(str.length >> 3);
        checkItems(str.length);
        return Array.from(str);`,
  },
];

const DATETIME = [
  {
    from: `for (var index = 0; index < romanNumerals.length; index++) {
            const numeral = romanNumerals[index];
            if (value >= numeral[0]) {
                return numeral[1] + decimalToRoman(value - numeral[0]);
            }
        }
        return '';`,
    to: `var roman = '';
        for (const numeral of romanNumerals) {
            while (value >= numeral[0]) {
                roman += numeral[1];
                value -= numeral[0];
            }
        }
        return roman;`,
  },
  {
    from: 'value = Math.floor(value);\n\n        const format',
    to: `if (!Number.isFinite(value)) throw { code: 'D1001', value };
        value = Math.floor(value);

        const format`,
  },
  {
    from: 'function analyseIntegerPicture(picture) {',
    to: 'function analyseIntegerPicture(picture) {\n        checkPicture(picture);',
  },
  {
    from: 'function analyseDateTimePicture(picture) {',
    to: 'function analyseDateTimePicture(picture) {\n        checkPicture(picture);',
  },
  {
    from: 'return parseInt(wm);',
    to: 'return checkWidth(parseInt(wm));',
  },
  {
    from: 'const formatSpec = analyseIntegerPicture(picture);\n        const matchSpec',
    to: `const formatSpec = analyseIntegerPicture(picture);
        spend((value.length >> 4) * (1 + picture.length));
        const matchSpec`,
  },
  // A picture can be written so that the pattern it gives backtracks for ever.
  { from: "const matcher = new RegExp(fullRegex, 'i');", to: "const matcher = compilePattern(fullRegex, 'i');" },
  { from: 'const now = this.environment.timestamp;', to: 'const now = new Date(run.now());' },
  // A time without a zone is UTC, as on AWS, not whatever the machine's zone is.
  {
    from: 'return Date.parse(timestamp);',
    to: "return Date.parse(/T[\\d:.]+$/.test(timestamp) ? timestamp + 'Z' : timestamp);",
  },
];

const FUNCTIONS = [
  {
    from: 'var padding = (new Array(padLength + 1)).join(char);',
    to: 'var padding = char.repeat(Math.ceil(padLength / length(char)));',
  },
  // Only a text with surrogate pairs has to be taken apart to be counted or cut.
  {
    from: 'return stringToArray(str).length;',
    to: 'return SURROGATE.test(str) ? stringToArray(str).length : str.length;',
  },
  {
    from: 'var strArray = stringToArray(str);',
    to: 'var strArray = SURROGATE.test(str) ? stringToArray(str) : new Units(str);',
  },
  {
    from: 'result = str.split(separator, limit);',
    to: `checkItems(separator === '' ? Math.min(str.length, limit ?? str.length) : 0);
                result = str.split(separator, Math.min(limit ?? Infinity, meter.items + 1));`,
  },
  {
    from: '// Catch URIErrors when URI sequence is malformed',
    to: 'checkText(str.length * 3);\n        // Catch URIErrors when URI sequence is malformed',
    times: 4,
  },
  { from: 'return Math.max.apply(Math, args);', to: 'return args.reduce((a, b) => Math.max(a, b));' },
  { from: 'return Math.min.apply(Math, args);', to: 'return args.reduce((a, b) => Math.min(a, b));' },
  {
    from: 'str = JSON.stringify(arg, function',
    to: 'measure(arg, space > 0);\n            str = JSON.stringify(arg, function',
  },
  {
    from: `var result;
        width = Math.trunc(width);`,
    to: `var result;
        width = Math.trunc(width);
        checkText(Math.abs(width));`,
  },
  {
    from: 'substitute += replacement.substring(position, index);',
    to: 'substitute += replacement.substring(position, index);\n                    checkText(substitute.length);',
  },
  { from: 'result += replacement;', to: 'result += replacement;\n                    checkText(result.length);' },
  {
    from: 'result += replacedWith;',
    to: 'result += replacedWith;\n                            checkText(result.length);',
  },
  {
    from: 'return strs.join(separator);',
    to: `let length = separator.length * strs.length;
        for (const str of strs) {
            length += str.length;
        }
        checkText(length);
        return strs.join(separator);`,
  },
  {
    from: `var btoa = typeof window !== 'undefined' ?
            /* istanbul ignore next */ window.btoa :
            function (str) {
                // Simply doing \`new Buffer\` at this point causes Browserify to pull
                // in the entire Buffer browser library, which is large and unnecessary.
                // Using \`global.Buffer\` defeats this.
                return new global.Buffer.from(str, 'binary').toString('base64'); // eslint-disable-line new-cap
            };
        return btoa(str);`,
    to: 'return host.base64encode(str);',
  },
  {
    from: `var atob = typeof window !== 'undefined' ?
            /* istanbul ignore next */ window.atob :
            function (str) {
                // Simply doing \`new Buffer\` at this point causes Browserify to pull
                // in the entire Buffer browser library, which is large and unnecessary.
                // Using \`global.Buffer\` defeats this.
                return new global.Buffer.from(str, 'base64').toString('binary'); // eslint-disable-line new-cap
            };
        return atob(str);`,
    to: 'return host.base64decode(str);',
  },
  // AWS reads a plus as a space.
  { from: 'returnVal = decodeURIComponent(str);', to: "returnVal = decodeURIComponent(str.replaceAll('+', ' '));" },
  {
    from: 'var defaults = {\n            "decimal-separator"',
    to: 'checkPicture(picture);\n        var defaults = {\n            "decimal-separator"',
  },
  {
    from: 'result = boolean(arg[0]);',
    to: 'nest();\n                result = boolean(arg[0]);\n                unnest();',
  },
  {
    from: 'var trues = arg.filter(function',
    to: 'spend(arg.length);\n                var trues = arg.filter(function',
  },
  {
    from: 'return boolean(val);',
    to: 'nest();\n                    const truth = boolean(val);\n                    unnest();\n                    return truth;',
  },
  {
    from: 'var allkeys = keys.call(this, arg[ii]);',
    to: 'nest();\n                var allkeys = keys.call(this, arg[ii]);\n                unnest();\n                spend(allkeys.length);',
  },
  {
    from: 'utils.keys(arg).forEach(key => result.push(key));',
    to: 'for (const key of utils.keys(arg)) {\n                result.push(key);\n            }',
  },
  {
    from: 'var res =  lookup.call(this, input[ii], key);',
    to: 'nest();\n                var res =  lookup.call(this, input[ii], key);\n                unnest();',
  },
  {
    from: 'res.forEach(val => result.push(val));',
    to: 'spend(res.length);\n                        res.forEach(val => result.push(val));',
  },
  {
    from: 'return arg1.concat(arg2);',
    to: 'spend(size >> 2);\n        checkItems(size);\n        return arg1.concat(arg2);',
  },
  // Copying what was spread so far, for every item, made this quadratic.
  {
    from: 'result = append.call(this, result, spread.call(this, arg[ii]));',
    to: `nest();
                const below = spread.call(this, arg[ii]);
                unnest();
                if (typeof below === 'undefined') continue;
                // What was appended to a sequence is a plain array.
                if (isSequence(result)) result = [];
                if (Array.isArray(below)) {
                    for (const item of below) {
                        result.push(item);
                    }
                } else {
                    result.push(below);
                }`,
  },
  // A built-in function is an object to JavaScript; spreading it would hand out its insides.
  {
    from: "typeof arg === 'object' && !isLambda(arg)) {\n            for (const key",
    to: "typeof arg === 'object' && !isFunction(arg)) {\n            for (const key",
  },
  { from: 'return Math.random();', to: 'return run.random();' },
  { from: 'Math.floor(Math.random() * (i + 1))', to: 'Math.floor(run.random() * (i + 1))' },
  // The package merges by recursion, one level per item, which without its promises would run out of stack.
  {
    from: `var merge_iter = function (result, left, right) {
                if (left.length === 0) {
                    Array.prototype.push.apply(result, right);
                } else if (right.length === 0) {
                    Array.prototype.push.apply(result, left);
                } else if (comp(left[0], right[0])) { // invoke the comparator function
                    // if it returns true - swap left and right
                    result.push(right[0]);
                    merge_iter(result, left, right.slice(1));
                } else {
                    // otherwise keep the same order
                    result.push(left[0]);
                    merge_iter(result, left.slice(1), right);
                }
            };
            var merged = [];
            merge_iter(merged, l, r);
            return merged;`,
    to: `var merged = [];
            var i = 0;
            var j = 0;
            while (i < l.length && j < r.length) {
                merged.push(comp(l[i], r[j]) ? r[j++] : l[i++]);
            }
            while (i < l.length) {
                merged.push(l[i++]);
            }
            while (j < r.length) {
                merged.push(r[j++]);
            }
            return merged;`,
  },
  // Scalars are found in a set, so that only objects and arrays are compared with each other.
  {
    from: `for(var ii = 0; ii < arr.length; ii++) {
            var value = arr[ii];
            // is this value already in the result sequence?
            var includes = false;
            for(var jj = 0; jj < results.length; jj++) {
                if (deepEquals(value, results[jj])) {`,
    to: `const scalars = new Set();
        const structures = [];
        for(var ii = 0; ii < arr.length; ii++) {
            var value = arr[ii];
            if (typeof value !== 'object' || value === null) {
                if (!scalars.has(value) || value !== value) {
                    scalars.add(value);
                    results.push(value);
                }
                continue;
            }
            // is this value already in the result sequence?
            var includes = false;
            for(var jj = 0; jj < structures.length; jj++) {
                if (deepEquals(value, structures[jj])) {`,
  },
  {
    from: 'if(!includes) {\n                results.push(value);',
    to: 'if(!includes) {\n                structures.push(value);\n                results.push(value);',
  },
];

const MAIN = [
  {
    from: `environment.base.depth++;
        environment.base.guardrails();
        var entryCallback = environment.lookup(Symbol.for('jsonata.__evaluate_entry'));
        if(entryCallback) {
            entryCallback(expr, input, environment);
        }`,
    to: 'enter();',
  },
  {
    from: `var exitCallback = environment.lookup(Symbol.for('jsonata.__evaluate_exit'));
        if(exitCallback) {
            exitCallback(expr, input, environment, result);
        }`,
    to: '',
  },
  { from: 'environment.base.depth--;', to: 'leave();' },
  { from: 'environment.isParallelCall = idx > 0\n', to: '', times: 2 },
  // The flag must not be written on an array that belongs to the input.
  {
    from: 'resultSequence.keepSingleton = true;',
    to: `if (Array.isArray(resultSequence)) {
                if (!isSequence(resultSequence)) resultSequence = resultSequence.slice();
                resultSequence.keepSingleton = true;
            }`,
  },
  {
    from: 'Array.prototype.forEach.call(res, val => resultSequence.push(val));',
    to: 'spend(res.length >> 2);\n                    Array.prototype.forEach.call(res, val => resultSequence.push(val));',
  },
  { from: 'tupleBindings = input.map(item', to: 'spend(input.length);\n            tupleBindings = input.map(item' },
  {
    from: 'if (isArrayOfNumbers(res)) {',
    to: 'if (Array.isArray(res)) spend(res.length);\n                if (isArrayOfNumbers(res)) {',
  },
  {
    from: 'utils.keys(input).forEach(function (key) {\n                var value = input[key];',
    to: 'utils.keys(input).forEach(function (key) {\n                spend(1);\n                var value = input[key];',
  },
  { from: 'flattened = [];\n        }', to: 'flattened = [];\n        }\n        spend(1);' },
  {
    from: 'flatten(item, flattened);',
    to: 'nest();\n                flatten(item, flattened);\n                unnest();',
  },
  { from: '// this is the equivalent of //* in XPath', to: 'spend(1);' },
  {
    from: 'recurseDescendants(member, results);',
    to: 'nest();\n                recurseDescendants(member, results);\n                unnest();',
  },
  {
    from: 'recurseDescendants(input[key], results);',
    to: 'nest();\n                recurseDescendants(input[key], results);\n                unnest();',
  },
  {
    from: 'result = lstr.concat(rstr);',
    to: `checkText(lstr.length + rstr.length);
        spend(Math.min(lstr.length, rstr.length) >> 6);
        result = lstr.concat(rstr);`,
  },
  // An empty array of the input must not be given an item.
  { from: 'input.push(undefined);', to: 'input = focus.createSequence(undefined);' },
  // Copying the whole group for every further item made grouping quadratic.
  {
    from: 'groups[key].data = fn.append.call(focus, groups[key].data, item);',
    to: 'appendToGroup(focus, groups[key], item);',
  },
  {
    from: 'function reduceTupleStream(tupleStream, environment) {',
    to: `function appendToGroup(focus, group, item) {
        if (!group.owned) {
            group.owned = typeof group.data !== 'undefined' && typeof item !== 'undefined';
            group.data = fn.append.call(focus, group.data, item);
        } else if (Array.isArray(item)) {
            checkItems(group.data.length + item.length);
            for (const part of item) {
                group.data.push(part);
            }
        } else if (typeof item !== 'undefined') {
            group.data.push(item);
        }
    }

    function reduceTupleStream(tupleStream, environment) {`,
  },
  {
    from: 'if(size > 1e7) {',
    to: 'checkItems(size);\n        if(size > 1e7) {',
  },
  { from: 'var re = new environment.base.RegexEngine(expr.value);', to: 'var re = expr.value.matcher();' },
  // The built-in functions are shared by all evaluations, and the input is not ours: neither takes notes.
  {
    from: "if(typeof proc === 'object') {\n                proc.token",
    to: 'if(isLambda(proc)) {\n                proc.token',
  },
  {
    from: `if(result.body.procedure.type === 'variable') {
                next.token = result.body.procedure.value;
            }
            next.position = result.body.procedure.position;`,
    to: `if (isLambda(next)) {
                if(result.body.procedure.type === 'variable') {
                    next.token = result.body.procedure.value;
                }
                next.position = result.body.procedure.position;
            }`,
  },
  {
    from: `if (proc) {
                validatedArgs = validateArguments(proc.signature, args, input);
            }`,
    to: `if (isFunction(proc)) {
                if (!isLambda(proc) || proc.signature !== undefined) charge(args);
                validatedArgs = validateArguments(proc.signature, args, input);
            }`,
  },
  {
    from: `if (isIterable(result)) {
                    result = result.next().value;
                }
                if (isPromise(result)) {
                    result = result;
                }
            } else if (typeof proc`,
    to: 'chargeResult(result);\n            } else if (typeof proc',
  },
  {
    from: `Array.prototype.forEach.call(proc.arguments, function (param, index) {
            env.bind(param.value, args[index]);
        });
        if (typeof proc.body`,
    to: `for (let index = 0; index < proc.arguments.length; index++) {
            env.bind(proc.arguments[index].value, args[index]);
        }
        if (typeof proc.body`,
  },
  {
    from: 'procedure.thunk = true;',
    to: 'procedure.thunk = true;\n            return procedure;',
  },
  // Data that looks like one of the evaluator's own structures is data.
  { from: 'result = input && input.outerWrapper ? input[0] : input;', to: 'result = input;' },
  { from: 'if( input && input.tupleStream) {', to: 'if(isTuples(input)) {' },
  { from: 'if(input.tupleStream) {', to: 'if(isTuples(input)) {' },
  { from: 'if(res.tupleStream) {', to: 'if(isTuples(res)) {' },
  { from: 'var reduce = input && input.tupleStream ? true : false;', to: 'var reduce = isTuples(input);' },
  { from: 'var isTupleSort = input.tupleStream ? true : false;', to: 'var isTupleSort = isTuples(input);' },
  {
    from: 'evaluatedArgs.push(arg);\n            } else {\n                evaluatedArgs.push(evaluate(arg',
    to: 'evaluatedArgs.push(PLACEHOLDER);\n            } else {\n                evaluatedArgs.push(evaluate(arg',
  },
  { from: "if (arg && arg.type === 'operator' && arg.value === '?') {", to: 'if (arg === PLACEHOLDER) {' },
  {
    section: [
      '                    // reject any attempts to set the internal JSONata flags\n',
      '                    var entry = {data',
    ],
    to: '',
  },
  {
    from: `var result = proc.apply(focus, args);
        if (isPromise(result)) {
            result = result;
        }
        return result;`,
    to: `charge(args);
        var result = proc.apply(focus, args);
        chargeResult(result);
        return result;`,
  },
  // A transform changes its copy, and nothing else: not the variables, not the input, not the functions.
  {
    from: `var result = apply(cloneFunction, [obj], null, environment);`,
    to: `var result = apply(cloneFunction, [obj], null, environment);
            if (cloneFunction !== staticFrame.lookup('clone')) result = functionClone(result);
            const owned = new WeakSet();
            collectObjects(result, owned);`,
  },
  {
    from: `// merge the update
                        for(const prop of utils.keys(update)) {
                            match[prop] = update[prop];
                        }`,
    to: `// merge the update
                        for(const prop of utils.keys(update)) {
                            checkOwned(owned, match, expr.position);
                            setProperty(match, prop, update[prop]);
                        }`,
  },
  {
    from: "if(typeof match === 'object' && match !== null) {",
    to: "if(typeof match === 'object' && match !== null && Object.hasOwn(match, deletions[jj])) {\n                                    checkOwned(owned, match, expr.position);",
  },
  { from: "staticFrame.bind('eval', defineFunction(functionEval, '<sx?:x>'));", to: '' },
  {
    section: ['    /**\n     * parses and evaluates the supplied expression\n', '    /**\n     * Clones an object\n'],
    to: '',
  },
  {
    section: ['    /**\n     * Create frame\n', '    // Function registration\n'],
    to: `    function createFrame(parent) {
        return new Frame(parent);
    }

    function isTuples(value) {
        return Array.isArray(value) && value.tupleStream === true;
    }

    function collectObjects(value, owned) {
        if (typeof value !== 'object' || value === null) return;
        spend(1);
        nest();
        if (Array.isArray(value)) {
            for (const item of value) {
                collectObjects(item, owned);
            }
        } else {
            owned.add(value);
            for (const key of Object.keys(value)) {
                collectObjects(value[key], owned);
            }
        }
        unnest();
    }

    function checkOwned(owned, match, position) {
        if (typeof match !== 'object' || match === null || !owned.has(match)) throw { code: 'D1010', position };
    }

    function setProperty(target, key, value) {
        Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
    }

`,
  },
  {
    from: '"D1011": "Stack overflow.',
    to: '"D1010": "A transform can only change objects of the value that it is given",\n        "D1011": "Stack overflow.',
  },
  {
    section: ['    /**\n     * JSONata\n     * @param {Object} expr', '})();\n\nmodule.exports'],
    to: `
    return {
        evaluate(ast) {
            const root = new Frame(staticFrame);
            root.base = root;
            root.options = Object.freeze({});
            root.createSequence = createSequence;
            root.resolve = run.variable;
            return evaluate(ast, undefined, root);
        },
        define(name, implementation, signature) {
            staticFrame.bind(name, defineFunction(implementation, signature));
        },
        describe: populateMessage,
        isFunction,
        datetime,
    };

`,
  },
];

const PARSER = [
  // Of 2.1, and not in the version that AWS runs.
  { from: "        '?:': 40,\n        '??': 40,\n", to: '' },
  {
    from: `            if (currentChar === '?' && path.charAt(position + 1) === ':') {
                // ?: default / elvis operator
                position += 2;
                return create('operator', '?:');
            }
            if (currentChar === '?' && path.charAt(position + 1) === '?') {
                // ?? coalescing operator
                position += 2;
                return create('operator', '??');
            }
`,
    to: '',
  },
  { section: ['        // coalescing operator\n', '        infixr("(error)"'], to: '' },
  { section: ['        // elvis/default operator\n', '        // object transformer\n'], to: '' },
  {
    from: 'return new RegExp(pattern, flags);',
    to: 'return compilePattern(pattern, flags, start);',
  },
  {
    from: `var expression = function (rbp) {
            var left;`,
    to: `var expression = function (rbp) {
            nest();
            const parsed = expressionBelow(rbp);
            unnest();
            return parsed;
        };
        var expressionBelow = function (rbp) {
            var left;`,
  },
  {
    from: 'var processAST = function (expr) {',
    to: `var processAST = function (expr) {
            nest();
            const processed = processBelow(expr);
            unnest();
            return processed;
        };
        var processBelow = function (expr) {`,
  },
];

export const PATCHES = {
  utils: UTILS,
  datetime: DATETIME,
  functions: FUNCTIONS,
  jsonata: MAIN,
  parser: PARSER,
  signature: [],
};
