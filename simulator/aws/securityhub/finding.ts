/**
 * A finding as Security Hub takes it, with what it says where one breaks a limit (API reference of AwsSecurityFinding, whose lengths
 * these are). Tested by test/simulator/aws/securityhub.test.ts.
 */
import * as v from 'valibot';

const longer = (most: number) => `should NOT be longer than ${most} characters`;

/** Not blank, and no longer than so many characters. */
const text = (most: number) =>
  v.pipe(v.string('should be string'), v.regex(/\S/, 'should match pattern .*\\S.*'), v.maxLength(most, longer(most)));

const timestamp = v.pipe(
  v.string('should be string'),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/, 'should match format date-time'),
);

/** The fields that kubevigil fills; another one AWS may know, and this does not. */
export const FindingSchema = v.strictObject({
  SchemaVersion: v.literal('2018-10-08', 'should be 2018-10-08'),
  Id: text(512),
  ProductArn: text(2048),
  ProductName: v.optional(text(128)),
  CompanyName: v.optional(text(128)),
  GeneratorId: text(512),
  AwsAccountId: v.pipe(v.string(), v.regex(/^\d{12}$/, 'should match pattern ^\\d{12}$')),
  CreatedAt: timestamp,
  UpdatedAt: timestamp,
  FirstObservedAt: v.optional(timestamp),
  LastObservedAt: v.optional(timestamp),
  Title: text(256),
  Description: text(1024),
  FindingProviderFields: v.strictObject({
    Severity: v.strictObject({
      Label: v.picklist(
        ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
        'should be equal to one of the allowed values',
      ),
    }),
    Types: v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.regex(
            /^(Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)(\/[^/]+){0,2}$/,
            'should match namespace/category/classifier',
          ),
        ),
      ),
      v.maxLength(50, 'should NOT have more than 50 items'),
    ),
  }),
  Remediation: v.optional(
    v.strictObject({
      Recommendation: v.strictObject({
        Text: v.optional(text(512)),
        Url: v.optional(v.pipe(v.string(), v.url('should match format uri'))),
      }),
    }),
  ),
  ProductFields: v.optional(
    v.pipe(
      v.record(text(128), text(2048)),
      v.check((fields) => Object.keys(fields).length <= 50, 'should NOT have more than 50 properties'),
      v.check((fields) => !Object.keys(fields).some((key) => key.startsWith('aws/')), 'aws/ is reserved'),
    ),
  ),
  Resources: v.pipe(
    v.array(
      v.strictObject({
        Type: text(256),
        Id: text(512),
        Partition: v.optional(
          v.picklist(['aws', 'aws-cn', 'aws-us-gov'], 'should be equal to one of the allowed values'),
        ),
        Region: v.optional(text(16)),
      }),
    ),
    v.minLength(1, 'should NOT have fewer than 1 items'),
    v.maxLength(32, 'should NOT have more than 32 items'),
  ),
  Compliance: v.optional(
    v.strictObject({
      Status: v.picklist(
        ['PASSED', 'WARNING', 'FAILED', 'NOT_AVAILABLE'],
        'should be equal to one of the allowed values',
      ),
      RelatedRequirements: v.optional(
        v.pipe(v.array(text(256)), v.maxLength(32, 'should NOT have more than 32 items')),
      ),
    }),
  ),
  RecordState: v.optional(v.picklist(['ACTIVE', 'ARCHIVED'], 'should be equal to one of the allowed values'), 'ACTIVE'),
});

/** A finding as Security Hub has it: what its provider sent last, and what customers make of it, which no provider changes. */
export type HubFinding = v.InferOutput<typeof FindingSchema> & { Workflow: { Status: string } };
