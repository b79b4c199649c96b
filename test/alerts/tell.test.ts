import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanKeys } from '../../lambda/reports/keys.ts';
import { parseScanSettings } from '../../lambda/settings.ts';
import { gather } from '../../lambda/tell.ts';
import { keepScan, memoryArchive, nightly } from '../reports/memory.ts';
import { evaluated, finding } from '../reports/samples.ts';

test('the message links to the console of the partition that the scanner lives in', async (t) => {
  const archive = memoryArchive();
  const scan = nightly(1);
  await keepScan(archive, scan, [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) }]);
  const cases = [
    ['arn:aws:sns:eu-central-1', 'eu-central-1.console.aws.amazon.com'],
    ['arn:aws-us-gov:sns:us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
    ['arn:aws-cn:sns:cn-north-1', 'cn-north-1.console.amazonaws.cn'],
  ] as const;
  for (const [arn, host] of cases) {
    await t.test(host, async () => {
      const settings = parseScanSettings(
        JSON.stringify({
          targets: [{ account: '111122223333', region: 'eu-central-1' }],
          tags: [{ key: 'scan' }],
          documentName: 'kubevigil',
          bucket: 'reports',
          topicArn: `${arn}:111122223333:alerts`,
        }),
      );
      const told = { settings, waivers: [] };
      const { report } = await gather(archive, scanKeys(scan).summary, told);
      assert.equal(new URL(report.url ?? '').host, host);
      assert.match(report.location, /^s3:\/\/reports\/scans\//);
    });
  }
});
