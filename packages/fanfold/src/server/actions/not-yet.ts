/** Actions of the Step Functions API that this server knows by name only. */
export const NOT_YET: ReadonlySet<string> = new Set(['DescribeMapRun', 'ListMapRuns', 'UpdateMapRun']);
