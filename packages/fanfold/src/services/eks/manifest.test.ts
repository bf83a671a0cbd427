import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { expand } from './expansion.ts';
import { generatedSuffix, readManifest } from './manifest.ts';
import { readQuantity } from './quantity.ts';

const ID = '00000000-0000-0000-0000-000000000001';

function manifest({
  metadata = { name: 'split' },
  spec = {},
  pod = {},
  container = {},
}: Readonly<Record<string, JsonObject>> = {}): JsonObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'split:1', ...container }], ...pod },
      },
      ...spec,
    },
  };
}

const read = (parts?: Readonly<Record<string, JsonObject>>) => readManifest(manifest(parts), ID, 'default');

describe('a manifest', () => {
  it('says no more than it must', () => {
    expect(read()).toMatchObject({
      name: 'split',
      containerName: 'main',
      spec: { image: 'split:1', argv: [], start: 'image', attempts: 7, deadlineSeconds: null, keepSeconds: null },
    });
  });

  it('may say that its pods have no index', () => {
    expect(read({ spec: { completionMode: 'NonIndexed' } }).name).toBe('split');
  });

  it('gives attempts, times, room and volumes', () => {
    const { spec } = read({
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 100, activeDeadlineSeconds: 60 },
      pod: {
        volumes: [
          { name: 'shared', persistentVolumeClaim: { claimName: 'claim' } },
          { name: 'own', emptyDir: {} },
        ],
      },
      container: {
        resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: 2, memory: '1Gi' } },
        volumeMounts: [
          { name: 'shared', mountPath: '/data/', readOnly: true },
          { name: 'own', mountPath: '/tmp/x' },
        ],
      },
    });
    expect(spec).toMatchObject({ attempts: 1, keepSeconds: 100, deadlineSeconds: 60, milliCpus: 250, memory: 1024 });
    expect(spec.mounts).toEqual([
      { volume: 'claim', path: '/data/', readOnly: true },
      { volume: null, path: '/tmp/x', readOnly: false },
    ]);
  });

  it('puts its command in the place of the image’s own, and its arguments behind either', () => {
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)-$(C)' },
    ];
    const { spec } = read({ container: { env, command: ['run', '$(B)'], args: ['$$(A)', '$(NONE)'] } });
    expect(spec.argv).toEqual(['run', 'a-$(C)', '$(A)', '$(NONE)']);
    expect(spec.start).toBe('argv');
    expect(spec.environment).toEqual({ A: 'a', B: 'a-$(C)' });
    expect(read({ container: { args: ['x'] } }).spec).toMatchObject({ argv: ['x'], start: 'image' });
  });

  it('makes one name for one job where it generates it', () => {
    const names = [ID, ID, `${ID}x`].map(
      (id) => readManifest(manifest({ metadata: { generateName: 'map-' } }), id, 'd').name,
    );
    expect(names[0]).toMatch(/^map-[a-z0-9]{5}$/);
    expect(names[0]).toBe(names[1]);
    expect(names[0]).not.toBe(names[2]);
    expect(generatedSuffix('a')).not.toBe(generatedSuffix('b'));
  });

  it.each<[string, Readonly<Record<string, JsonObject>>, 'invalid' | 'unavailable', string]>([
    ['host paths', { pod: { volumes: [{ name: 'h', hostPath: { path: '/' } }] } }, 'unavailable', 'hostPath'],
    ['initContainers', { pod: { initContainers: [] } }, 'unavailable', 'initContainers'],
    ['two containers', { pod: { containers: [{ name: 'a' }, { name: 'b' }] } }, 'unavailable', 'several'],
    ['parallel pods', { spec: { parallelism: 2 } }, 'unavailable', 'parallelism'],
    ['indexed pods', { spec: { completionMode: 'Indexed' } }, 'unavailable', 'completionMode'],
    ['values from elsewhere', { container: { env: [{ name: 'A', valueFrom: {} }] } }, 'unavailable', 'valueFrom'],
    ['envFrom', { container: { envFrom: [] } }, 'unavailable', 'envFrom'],
    ['privileges', { container: { securityContext: { privileged: true } } }, 'unavailable', 'securityContext'],
    ['no restartPolicy', { pod: { restartPolicy: 'Always' } }, 'invalid', 'restartPolicy'],
    ['a bad name', { metadata: { name: '../x' } }, 'invalid', 'metadata.name'],
    ['no volume', { container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] } }, 'invalid', 'no volume "v"'],
    [
      'a mount on the root',
      {
        pod: { volumes: [{ name: 'v', emptyDir: {} }] },
        container: { volumeMounts: [{ name: 'v', mountPath: '/x/..' }] },
      },
      'invalid',
      'mountPath',
    ],
    ['an amount', { container: { resources: { limits: { memory: 'much' } } } }, 'invalid', 'memory'],
  ])('is refused with %s', (_, parts, kind, text) => {
    expect(() => read(parts)).toThrow(expect.objectContaining({ kind, message: expect.stringContaining(text) }));
  });
});

describe('amounts', () => {
  it.each([
    ['500m', 0.5],
    ['2', 2],
    ['1.5', 1.5],
    ['512Mi', 512 * 2 ** 20],
    ['1G', 1e9],
    ['1e3', 1000],
    ['', undefined],
    ['Mi', undefined],
    ['-1', undefined],
    ['1 Gi', undefined],
  ])('%s', (text, value) => expect(readQuantity(text)).toBe(value));
});

describe('expansion', () => {
  it('leaves what names nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(expand(text.replaceAll('$$', ''), new Map())).toBe(text.replaceAll('$$', ''));
      }),
    );
  });

  it('does not look at values again', () => {
    expect(
      expand(
        '$(A)',
        new Map([
          ['A', '$(A)$(B)'],
          ['B', 'b'],
        ]),
      ),
    ).toBe('$(A)$(B)');
  });
});
