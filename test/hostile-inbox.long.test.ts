/** The inbox with as many folders as the hostile corpus asks for. */
import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { InboxProject } from './inbox-project.ts';

it('10,000 folders keep no file, and no caller, waiting', async () => {
  const project = new InboxProject();
  try {
    await project.start();
    for (let i = 0; i < 10_000; i++) mkdirSync(project.path(`inbox/inbound/${i % 100}/${i}`), { recursive: true });
    project.drop('99/9999/deep.csv');
    await project.took('99/9999/deep.csv');
    expect((await fetch(`${project.url}/_fanfold/health`)).status).toBe(200);
  } finally {
    await project.remove();
  }
}, 120_000);
