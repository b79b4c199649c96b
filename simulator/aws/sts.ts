/**
 * STS: who am I, and sessions in other accounts; AWS query protocol (API version 2011-06-15).
 * Tested by test/simulator/aws/endpoints.test.ts.
 */
import { failure, notImplemented } from './failure.ts';
import type { Operation, Service } from './service.ts';
import type { Sessions } from './session.ts';
import { element, wrap } from './xml.ts';

const getCallerIdentity: Operation = ({ caller }) =>
  element('Arn', caller.arn) + element('UserId', caller.userId) + element('Account', caller.account);

const PARAMETERS = /^(RoleArn|RoleSessionName|ExternalId|DurationSeconds|Tags\.member\.\d{1,2}\.(Key|Value))$/;

/**
 * Credentials of a role that the options list. Errors: ValidationError, and AccessDenied alike for a role that does not
 * exist and for a wrong external id, as IAM does not tell which.
 */
function assumeRole(sessions: Sessions): Operation {
  return ({ input, caller, state }) => {
    const parameters = input as Record<string, string>;
    const unknown = Object.keys(parameters).find((name) => !PARAMETERS.test(name));
    if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of AssumeRole`);
    const { RoleArn = '', RoleSessionName = '', ExternalId, DurationSeconds = '3600' } = parameters;
    const arn = /^arn:aws:iam::(\d{12}):role\/((?:[\w+=,.@-]+\/)*([\w+=,.@-]{1,64}))$/.exec(RoleArn);
    if (!arn) throw invalid(`${JSON.stringify(RoleArn)} is invalid for RoleArn`);
    if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) throw invalid('roleSessionName must match [\\w+=,.@-]{2,64}');
    if (ExternalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(ExternalId)) {
      throw invalid('externalId must match [\\w+=,.@:\\/-]{2,1224}');
    }
    const seconds = Number(DurationSeconds);
    if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
      throw invalid('durationSeconds must be between 900 and 43200');
    }
    const account = arn[1] ?? '';
    const role = state.options.accounts[account]?.roles?.find(({ name }) => name === arn[2] || name === arn[3]);
    if (!role || (role.externalId !== undefined && role.externalId !== ExternalId)) {
      const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
      throw failure(403, 'AccessDenied', message);
    }
    const id = state.uuid().replaceAll('-', '').toUpperCase();
    const expiresAt = state.now().getTime() + seconds * 1000;
    const session = {
      accessKeyId: `ASIA${id.slice(0, 16)}`,
      secretAccessKey: 'embedded-endpoints-verify-no-signatures',
      token: `embedded-session-${id}`,
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${arn[3]}/${RoleSessionName}`,
      userId: `AROA${id.slice(0, 17)}:${RoleSessionName}`,
      expiresAt,
    };
    sessions.set(session.accessKeyId, session);
    return (
      wrap(
        'Credentials',
        element('AccessKeyId', session.accessKeyId),
        element('SecretAccessKey', session.secretAccessKey),
        element('SessionToken', session.token),
        element('Expiration', new Date(expiresAt).toISOString()),
      ) + wrap('AssumedRoleUser', element('AssumedRoleId', session.userId), element('Arn', session.arn))
    );
  };
}

function invalid(message: string) {
  return failure(400, 'ValidationError', message);
}

/** The service, which adds the sessions that it gives to the known ones. */
export function createSts(sessions: Sessions): Service {
  return {
    protocol: 'query',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole(sessions) },
  };
}
