import { keepCompiledCode } from "@mailonce/runtime/compiled-code";

// Before anything else is loaded.
keepCompiledCode(process.env);
void import("./main.ts");
