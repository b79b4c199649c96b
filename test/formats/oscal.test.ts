import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { oscal } from '../../lambda/formats/oscal.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { catalog } from '../archive/fleet.ts';
import { answers, evaluated, finding, scan, unreachable } from '../archive/samples.ts';

const head = { summary: summarize(scan, [], { previous: null }), catalog };

// biome-ignore lint/suspicious/noExplicitAny: the document is read as its consumers read it
function documentOf(...entries: Entry[]): any {
  const sheet = oscal.open(head);
  const text = sheet.begin() + entries.map(sheet.entry).join('') + [...sheet.end()].join('');
  return JSON.parse(text);
}

const uuid = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' };
const token = { type: 'string', pattern: '^(\\p{L}|_)(\\p{L}|\\p{N}|[.\\-_])*$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T[0-9:.]+Z$' };
const text = { type: 'string', minLength: 1 };
const props = {
  type: 'array',
  minItems: 1,
  items: shape({ name: token, ns: text, value: { type: 'string', pattern: '^\\S(.*\\S)?$' } }, ['name', 'value']),
};

/** An object that has what it must have and nothing that OSCAL does not know. */
function shape(properties: Record<string, object>, required: string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}
function many(items: object): object {
  return { type: 'array', minItems: 1, items };
}

const selections = shape(
  {
    'control-selections': many(
      shape({ 'include-all': {}, 'include-controls': many(shape({ 'control-id': token }, ['control-id'])) }, []),
    ),
  },
  ['control-selections'],
);
const metadata = shape({ title: text, 'last-modified': time, version: text, 'oscal-version': text }, [
  'title',
  'last-modified',
  'version',
  'oscal-version',
]);
const origins = many(
  shape(
    {
      actors: many(
        shape({ type: { enum: ['tool', 'assessment-platform', 'party'] }, 'actor-uuid': uuid }, ['type', 'actor-uuid']),
      ),
    },
    ['actors'],
  ),
);

/** The parts of OSCAL's assessment results that are used, as usnistgov/OSCAL has them: required, known, not empty. */
const model = new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: true }).compile(
  shape(
    {
      'assessment-results': shape(
        {
          uuid,
          metadata,
          'import-ap': shape({ href: { type: 'string', pattern: '^#' } }, ['href']),
          results: many(
            shape(
              {
                uuid,
                title: text,
                description: text,
                start: time,
                end: time,
                'reviewed-controls': selections,
                'local-definitions': shape(
                  {
                    'inventory-items': many(shape({ uuid, description: text, props }, ['uuid', 'description'])),
                    'assessment-assets': shape(
                      {
                        components: many(
                          shape(
                            {
                              uuid,
                              type: text,
                              title: text,
                              description: text,
                              props,
                              status: shape({ state: { const: 'operational' } }, ['state']),
                            },
                            ['uuid', 'type', 'title', 'description', 'status'],
                          ),
                        ),
                        'assessment-platforms': many(shape({ uuid, title: text }, ['uuid'])),
                      },
                      ['assessment-platforms'],
                    ),
                  },
                  [],
                ),
                observations: many(
                  shape(
                    {
                      uuid,
                      title: text,
                      description: text,
                      props,
                      methods: many({ const: 'EXAMINE' }),
                      origins,
                      subjects: many(
                        shape({ 'subject-uuid': uuid, type: { const: 'inventory-item' }, remarks: text }, [
                          'subject-uuid',
                          'type',
                        ]),
                      ),
                      collected: time,
                    },
                    ['uuid', 'description', 'methods', 'collected'],
                  ),
                ),
                findings: many(
                  shape(
                    {
                      uuid,
                      title: text,
                      description: text,
                      props,
                      origins,
                      target: shape(
                        {
                          type: { enum: ['objective-id', 'statement-id'] },
                          'target-id': token,
                          status: shape(
                            {
                              state: { enum: ['satisfied', 'not-satisfied'] },
                              reason: { enum: ['pass', 'fail', 'other'] },
                              remarks: text,
                            },
                            ['state'],
                          ),
                        },
                        ['type', 'target-id', 'status'],
                      ),
                      'related-observations': many(shape({ 'observation-uuid': uuid }, ['observation-uuid'])),
                    },
                    ['uuid', 'title', 'description', 'target'],
                  ),
                ),
                remarks: text,
              },
              ['uuid', 'title', 'description', 'start', 'reviewed-controls'],
            ),
          ),
          'back-matter': shape(
            {
              resources: many(
                shape(
                  {
                    uuid,
                    title: text,
                    description: text,
                    base64: shape({ filename: text, 'media-type': text, value: text }, ['value']),
                  },
                  ['uuid'],
                ),
              ),
            },
            [],
          ),
        },
        ['uuid', 'metadata', 'import-ap', 'results'],
      ),
    },
    ['assessment-results'],
  ),
);

function check(document: unknown): void {
  assert.ok(model(document), JSON.stringify(model.errors?.slice(0, 3)));
}

const entries = answers.map(({ line }): Entry => ({ line }));

test('the document has what OSCAL requires', () => {
  check(documentOf(...entries));
  check(documentOf());
  check(
    documentOf({
      line: evaluated('i-1', [finding('4 rules/odd', 'fail', { controls: [] })], { name: ' \n ', cluster: 'a\nb' }),
    }),
  );
});

test('its references lead somewhere', () => {
  const document = documentOf(...entries)['assessment-results'];
  const [result] = document.results;
  assert.equal(document['import-ap'].href, `#${document['back-matter'].resources[0].uuid}`);
  const nodes = new Set(result['local-definitions']['inventory-items'].map((item: { uuid: string }) => item.uuid));
  assert.equal(nodes.size, 5);
  const observations = new Set();
  for (const { uuid: id, subjects } of result.observations) {
    observations.add(id);
    for (const subject of subjects) assert.ok(nodes.has(subject['subject-uuid']));
  }
  for (const each of result.findings) {
    for (const related of each['related-observations']) assert.ok(observations.has(related['observation-uuid']));
  }
});

test('the stub of an assessment plan is one', () => {
  const [resource] = documentOf(...entries)['assessment-results']['back-matter'].resources;
  const plan = JSON.parse(Buffer.from(resource.base64.value, 'base64').toString())['assessment-plan'];
  assert.deepEqual(Object.keys(plan), ['uuid', 'metadata', 'import-ssp', 'reviewed-controls']);
});

const states: [string, Entry[], string, string][] = [
  ['all pass', [{ line: evaluated('i-1', [finding('a', 'pass')]) }], 'satisfied', 'pass'],
  [
    'one fails',
    [{ line: evaluated('i-1', [finding('a', 'pass')]) }, { line: evaluated('i-2', [finding('a', 'fail')]) }],
    'not-satisfied',
    'fail',
  ],
  ['a person must look', [{ line: evaluated('i-1', [finding('a', 'manual')]) }], 'not-satisfied', 'other'],
  [
    'a failure is accepted',
    [{ line: evaluated('i-1', [finding('a', 'fail', { waiver: { reason: 'r', owner: 'o', until: 'u' } })]) }],
    'not-satisfied',
    'other',
  ],
  [
    'a node is silent',
    [{ line: evaluated('i-1', [finding('a', 'pass')]) }, ...entries.slice(4)],
    'not-satisfied',
    'other',
  ],
  [
    'a node is stopped and one joined late',
    [
      { line: evaluated('i-1', [finding('a', 'pass')]) },
      { line: unreachable('i-2', 'not-running') },
      { line: unreachable('i-3', 'joined-later') },
    ],
    'satisfied',
    'pass',
  ],
];
for (const [what, lines, state, reason] of states) {
  test(`where ${what}, the objective is ${state}`, () => {
    const [result] = documentOf(...lines)['assessment-results'].results;
    assert.deepEqual(
      [result.findings[0].target.status.state, result.findings[0].target.status.reason],
      [state, reason],
    );
  });
}

test('a node has the same UUID in every scan', () => {
  const of = (document: ReturnType<typeof documentOf>) =>
    document['assessment-results'].results[0]['local-definitions']['inventory-items'][0].uuid;
  assert.equal(of(documentOf(...entries)), of(documentOf(...entries.slice(0, 1))));
});
