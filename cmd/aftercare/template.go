package main

// templateCmd are the commands about templates. Each stands in a file of its own, template_NAME.go.
type templateCmd struct {
}
