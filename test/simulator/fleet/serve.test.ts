import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { collectDocument } from '../../../lambda/nodes/document.ts';
import { invocations } from '../../../lambda/nodes/run-command.ts';
import { newKey, serveFleet } from '../../../simulator/fleet/serve.ts';

test('the embedded fleet has answered when it says so, however long its collectors take', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-serve-'));
  const fleet = await serveFleet('one', { out: join(folder, 'out'), directory: join(folder, 'nodes'), key: newKey() });
  t.after(async () => {
    await fleet.close();
    rmSync(folder, { recursive: true });
  });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = fleet.environment;
  const ssm = new SSMClient({
    endpoint: fleet.url,
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey },
  });
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: collectDocument().name,
      Targets: [{ Key: 'tag:Name', Values: ['payments-good', 'payments-drop-in'] }],
    }),
  );
  await fleet.answered();
  const id = Command?.CommandId ?? '';
  // The first read after sending sees nothing yet.
  const [first] = await Array.fromAsync(invocations(ssm, [id]));
  assert.deepEqual(first, { found: [] });
  const answers = (await Array.fromAsync(invocations(ssm, [id]))).flatMap(({ found }) => found);
  assert.deepEqual(
    answers.map((answer) => 'output' in answer && answer.output.startsWith('kubevigil/1 ')),
    [true, true],
  );
});
