import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { serveApi } from '@statebag/cli';
import { LOCAL_APP, localDeployment } from '@statebag/deployment/local-app';
import { deployApp } from '@statebag/deployment/stack';
import { startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { type ModelAnswer, modelServer } from '@statebag/workflow/testing/model-server';
import type { Api, LocalWorld } from './world.ts';

export interface OpenedWorld {
  readonly api: Api;
  readonly local: LocalWorld;
  close(): Promise<void>;
}

/** The whole app on a local cloud of its own, with a model server that can misbehave. */
export async function openLocalWorld(): Promise<OpenedWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-simulate-'));
  let refusing = 0;
  let recovered = () => {};
  const s3IsDown = () => {
    if (refusing === 0) return false;
    refusing -= 1;
    if (refusing === 0) recovered();
    return true;
  };
  const models = await modelServer({ answer: byFirstWord });
  const cloud = await startLocalCloud({ dataDir, s3IsDown, ...THROWN_AWAY });
  await deployApp(cloud, await localDeployment(cloud, { providerUrl: models.url }));
  const [lambda, s3] = [
    new LambdaClient(cloud.clientOptions),
    new S3Client({ ...cloud.clientOptions, forcePathStyle: true }),
  ];
  const api = await serveApi({ lambda }, 0);
  return {
    api: { url: api.url, token: (person) => person },
    local: {
      cloud,
      s3,
      bucket: LOCAL_APP.bucket,
      async outage(requests) {
        const over = new Promise<void>((resolve) => {
          recovered = resolve;
        });
        refusing = requests;
        await over;
      },
      async beat(inSeconds) {
        const event = { source: 'aws.events', time: new Date(Date.now() + inSeconds * 1_000).toISOString() };
        await lambda.send(
          new InvokeCommand({
            FunctionName: LOCAL_APP.functionArn('state-data-manager', 'beatApprovals'),
            Payload: JSON.stringify(event),
          }),
        );
      },
    },
    async close() {
      await api.close();
      for (const client of [lambda, s3]) client.destroy();
      await cloud.close();
      await models.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A prompt says how the model misbehaves: REFUSE, BABBLE (no JSON), or is answered with itself. */
function byFirstWord(prompt: string): ModelAnswer {
  if (prompt.startsWith('REFUSE')) return { refused: 'this prompt is not allowed' };
  return { content: prompt.startsWith('BABBLE') ? 'certainly! here you go' : prompt };
}
