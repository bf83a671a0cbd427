/** The state machines of a store, and their definitions compiled once. */
import { createHash } from "node:crypto";
import { formatFindings } from "../asl/finding.ts";
import { parseDefinition } from "../asl/parse.ts";
import { compileMachine } from "../interpreter/compile.ts";
import type { Machine } from "../interpreter/machine.ts";
import type { Clock } from "../ports/clock.ts";
import type { StateMachines } from "../ports/executions.ts";
import { ServiceError } from "../ports/service-error.ts";
import type { StateMachineRecord, Store } from "../ports/store.ts";

export interface Machines extends StateMachines {
	/** @throws Error when the store holds no such definition, or this version cannot run it */
	compiled(definitionHash: string): Promise<Machine>;
}

export interface MachinesParams {
	readonly store: Store;
	readonly clock: Clock;
	readonly region: string;
	readonly account: string;
}

export function createMachines({
	store,
	clock,
	region,
	account,
}: MachinesParams): Machines {
	const machines = new Map<string, Machine>();

	const record = async (arn: string): Promise<StateMachineRecord> => {
		const found = await store.stateMachine(arn);
		if (!found)
			throw new ServiceError(
				"StateMachineDoesNotExist",
				`State Machine Does Not Exist: '${arn}'`,
			);
		return found;
	};

	return {
		put: async ({ name, definition, roleArn, type }) => {
			checkName(name);
			const parsed = parseDefinition(definition);
			const compiled = parsed.ok ? compileMachine(parsed.value) : parsed;
			if (!compiled.ok)
				throw new ServiceError(
					"InvalidDefinition",
					`Invalid State Machine Definition: '${formatFindings(compiled.error)}'`,
				);
			const hash = createHash("sha256").update(definition).digest("hex");
			const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
			const before = await store.stateMachine(arn);
			const saved = {
				arn,
				name,
				type,
				roleArn,
				definition: hash,
				createdAt: before?.createdAt ?? clock.now(),
			};
			machines.set(hash, compiled.value);
			await store.saveDefinition(hash, definition);
			await store.saveStateMachine(saved);
			return saved;
		},
		describe: async (arn) => {
			const found = await record(arn);
			return {
				...found,
				definitionText: (await store.definition(found.definition)) ?? "",
			};
		},
		describeForExecution: async (arn) => {
			const execution = await store.describe(arn);
			if (!execution)
				throw new ServiceError(
					"ExecutionDoesNotExist",
					`Execution Does Not Exist: '${arn}'`,
				);
			const { definition, roleArn } = execution;
			const found = await record(execution.stateMachineArn);
			return {
				...found,
				definition,
				roleArn,
				definitionText: (await store.definition(definition)) ?? "",
			};
		},
		list: () => store.stateMachines(),
		compiled: async (hash) => {
			const known = machines.get(hash);
			if (known) return known;
			const text = await store.definition(hash);
			const parsed = text === undefined ? undefined : parseDefinition(text);
			const compiled = parsed?.ok ? compileMachine(parsed.value) : undefined;
			if (!compiled?.ok)
				throw new Error(
					`The store holds no definition ${hash} that this version of Fanfold can run`,
				);
			machines.set(hash, compiled.value);
			return compiled.value;
		},
	};
}

/** Characters that AWS allows in no name, control characters (`\p{Cc}`) among them. */
const BAD_NAME = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

/** The names of state machines and executions. @throws ServiceError InvalidName */
export function checkName(name: string): void {
	if (name.length === 0 || name.length > 80 || BAD_NAME.test(name))
		throw new ServiceError("InvalidName", `Invalid Name: '${name}'`);
}
