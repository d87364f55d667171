export function powershellScript(program: string): string {
  return String.raw`# PowerShell completion for ${program}; in $PROFILE:
#   ${program} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName '${program}', '${program}.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    if ($wordToComplete -eq '') {
        # Before PowerShell 7.3 an empty word gets lost on its way to a program.
        $old = $PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
        $words += $(if ($old) { '""' } else { '' })
    }
    $prefix = if ($wordToComplete -match '^(-[^=]*=)') { $Matches[1] } else { '' }
    & '${program}' __complete @words 2>$null | ForEach-Object {
        if ($_ -notmatch '^:\d+$') {
            $name, $description = $_ -split "\t", 2
            if (-not $description) { $description = $name }
            $text = $prefix + $name
            if ($text -match '[^\w./:,=@%+-]') { $text = "'" + $text.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $description)
        }
    }
}
`;
}
