#!/usr/bin/env node
// The launcher. It runs on any Node, so that an older one is told what is needed instead of failing on new syntax.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    'fanfold needs Node 24 or newer; this is Node ' + process.versions.node + ' (' + process.execPath + ').',
  );
  console.error('Install it from https://nodejs.org, or add it to the project with: npm install node@24');
  process.exit(1);
}
import('../dist/cli/compile-cache.js')
  .then((cache) => cache.keepCompiled())
  .then(() => import('../dist/cli/main.js'))
  .then((cli) => cli.main(process.argv.slice(2)));
