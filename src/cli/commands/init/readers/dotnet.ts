import type { AppFinding, Reader, StoreType } from "./finding.ts";
import { within } from "./folder-view.ts";

const PACKAGES: readonly (readonly [RegExp, StoreType])[] = [
  [/"Npgsql/, "postgres"],
  [/"(MySqlConnector|Pomelo\.EntityFrameworkCore\.MySql|MySql\.Data)/, "mysql"],
  [/"StackExchange\.Redis/, "redis"],
  [/"MongoDB\.Driver/, "mongodb"],
];

/** A project file of .NET that makes a program: ASP.NET Core, or a worker. */
export const dotnet: Reader = {
  reads: "`*.csproj`",
  read: (view, folder) => {
    const name = view.files(folder).find((file) => file.endsWith(".csproj"));
    const source = within(folder, name ?? "");
    const text = name === undefined ? null : view.text(source);
    if (text === null) return [];
    const isWeb = /Sdk="Microsoft\.NET\.Sdk\.(Web|BlazorWebAssembly)"/.test(text);
    const isProgram = isWeb || /<OutputType>\s*Exe|Microsoft\.NET\.Sdk\.Worker/i.test(text);
    if (!isProgram || /Microsoft\.NET\.Test\.Sdk/.test(text)) return [];
    const uses = PACKAGES.filter(([pattern]) => pattern.test(text)).map(([, store]) => store);
    const app: AppFinding = {
      ...{
        type: "app",
        folder,
        command: "dotnet run --no-launch-profile",
        role: isWeb ? "api" : "worker",
        uses,
        source,
      },
    };
    return [isWeb ? { ...app, command: `ASPNETCORE_URLS=http://$HOST:$PORT ${app.command}` } : app];
  },
};
