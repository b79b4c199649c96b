/**
 * The scanner's stack in moto's CloudFormation: created, updated with a changed collector, deleted. Of 17 types of resources moto
 * 5.2 knows eleven: not alarms, the dashboard, the schedule, the alias and its retries, subscriptions, and policies of buckets,
 * topics and queues. It deletes what a template says to retain, so that is not asked of it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { documentsOf } from '../../infra/document.ts';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { collectDocument, documentOf } from '../../lambda/nodes/document.ts';
import { python, without } from './python.ts';

/** The account of whoever calls moto (moto documentation, "Multi-Account support"). */
const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';

const FOLDER = new URL('../../infra/documents/', import.meta.url);
const earlier = readdirSync(FOLDER).map((file) => documentOf(readFileSync(new URL(file, FOLDER), 'utf8'), 'kubevigil'));
const changed = documentsOf('kubevigil', collectDocument('#!/bin/sh\necho changed\n'));

function template(documents: ReturnType<typeof documentsOf>): string {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings({ emails: ['ops@example.com'] }), import.meta.dirname, documents);
  return JSON.stringify(app.synth().getStackByName('kubevigil').template);
}

type State = {
  status: string;
  types: Record<string, string[]>;
  documents: string[];
  permitted: string[];
  roles: string[];
  buckets: string[];
};

describe('moto’s CloudFormation', { skip: without('moto', 'boto3') }, () => {
  test('creates the stack, changes the collector without a gap, and deletes it', async () => {
    const [before, after] = [template(earlier), template(changed)];
    const [, key] = /"S3Key":"([^"]+)"/.exec(before) ?? [];
    const { stdout, stderr } = await python(['stacks.py'], {
      before,
      after,
      bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`,
      key,
    });
    const { states, left } = JSON.parse(stdout || assert.fail(stderr)) as {
      states: [State, State];
      left: { documents: string[]; roles: string[] };
    };
    const [created, updated] = states;
    assert.deepEqual([created.status, updated.status], ['CREATE_COMPLETE', 'UPDATE_COMPLETE']);
    const names = (documents: readonly { name: string }[]) => documents.map(({ name }) => name).sort();
    assert.deepEqual([created.documents, created.permitted], [names(earlier), names(earlier)]);
    assert.deepEqual([updated.documents, updated.permitted], [names(changed), names(changed)]);
    assert.ok(changed.length > earlier.length);
    // What must outlive an update: the same roles, buckets, keys, topics and function.
    assert.deepEqual([updated.roles, updated.buckets], [created.roles, created.buckets]);
    for (const type of [
      'AWS::KMS::Key',
      'AWS::SNS::Topic',
      'AWS::SQS::Queue',
      'AWS::Lambda::Function',
      'AWS::S3::Bucket',
    ])
      assert.deepEqual(updated.types[type], created.types[type] ?? assert.fail(type), type);
    assert.deepEqual([left.documents, left.roles], [[], []]);
  });
});
