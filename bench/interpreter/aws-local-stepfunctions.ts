/** https://www.npmjs.com/package/aws-local-stepfunctions */
import { StateMachine } from 'aws-local-stepfunctions';
import type { Json } from '../../packages/fanfold/src/json.ts';
import type { Contender } from './contender.ts';

type Definition = ConstructorParameters<typeof StateMachine>[0];
type Input = Parameters<StateMachine['run']>[0];

export const contender: Contender = {
  prepare: async ({ definition, input }) => {
    const machine = new StateMachine(definition as Definition);
    const given = input() as Input;
    return async () => {
      const output = (await machine.run(given).result) as Json;
      return { output: () => output, events: async () => null };
    };
  },
};
