import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAddress } from '../../lambda/go/address.ts';

const ADDRESSES = [
  '0.0.0.0',
  '255.255.255.255',
  '010.0.0.1',
  '0000127.0.0.1',
  '::',
  '::1',
  '1::',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '00001::FFFF',
  '::ffff:127.0.0.01',
  '1:2:3:4:5:6:1.2.3.4',
];

const OTHERS = [
  '',
  'localhost',
  '127.0.0',
  '127.0.0.1.1',
  '256.0.0.1',
  '127.0.0.',
  '+1.0.0.1',
  '1.2.3.4 ',
  '1.2.3.4::',
  ':',
  ':::',
  ':1',
  '1:',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::10000',
  '::g',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3',
  '1.2.3.4:80',
];

for (const text of ADDRESSES) test(`"${text}" is an address`, () => assert.equal(isAddress(text), true));
for (const text of OTHERS) test(`"${text}" is none`, () => assert.equal(isAddress(text), false));

test('without leading zeros and zones, addresses are what Node.js takes for them', () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => isAddress(text)));
  const pieces = fc.array(fc.constantFrom(':', '::', '.', '1', 'a0', '255', '256', 'ffff', '1.2.3.4'), {
    maxLength: 17,
  });
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      if (/[0-9a-f]{5}/i.test(text)) return;
      assert.equal(isAddress(text), isIP(text) !== 0, text);
    }),
    { numRuns: 5000 },
  );
});
