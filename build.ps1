#!/usr/bin/env pwsh
# What a person runs by hand, in one place: ./build.ps1 [build|test|run|spec|gates]. Each step stops at the first failure.
param(
    [ValidateSet('build', 'test', 'run', 'spec', 'gates')]
    [string] $Step = 'test'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Checked {
    & $args[0] $args[1..($args.Count - 1)]
    if ($LASTEXITCODE -ne 0) {
        throw "'$($args -join ' ')' failed with exit code $LASTEXITCODE."
    }
}

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    throw 'The .NET SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0'
}
Invoke-Checked dotnet --version | Out-Null

switch ($Step) {
    'build' { Invoke-Checked dotnet build }
    'test' { Invoke-Checked dotnet test }
    'run' { Invoke-Checked dotnet run --project src/Marketplace.Api }
    'gates' { Invoke-Checked dotnet run -c Release --project tests/Marketplace.Benchmarks -- gates }
    'spec' {
        # Writes api-specs/openapi.json and api-specs/problems.md from the program; without the variable the same tests compare.
        $env:MARKETPLACE_WRITE_SPECS = '1'
        try { Invoke-Checked dotnet test tests/Marketplace.Api.Tests --filter ContractDocumentTests }
        finally { Remove-Item Env:MARKETPLACE_WRITE_SPECS }
    }
}
