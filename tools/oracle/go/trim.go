//go:build ignore

// Copies one Go package with no more than what some of its names need, so that little has to be compiled:
//
//	trim DIR OUT ROOT,ROOT... [OLD=NEW import path...]
//
// A file OUT/NAME.go.edited takes the place of DIR/NAME.go.
package main

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// declaration is a function, or one specification of a group; constants of one iota stay together.
type declaration struct {
	file string
	decl ast.Decl
	spec ast.Spec
	kept bool
}

func main() {
	dir, out := os.Args[1], os.Args[2]
	renamed := map[string]string{}
	for _, pair := range os.Args[4:] {
		old, now, _ := strings.Cut(pair, "=")
		renamed[old] = now
	}
	fset := token.NewFileSet()
	files := parse(fset, dir, out)
	all, named := declarations(files)
	keep(files, named, strings.Split(os.Args[3], ","))
	for name, file := range files {
		write(fset, filepath.Join(out, name), name, file, all, renamed)
	}
}

func parse(fset *token.FileSet, dir, out string) map[string]*ast.File {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = "linux", "amd64", false
	entries, err := os.ReadDir(dir)
	check(err)
	files := map[string]*ast.File{}
	for _, e := range entries {
		name := e.Name()
		if matches, err := ctx.MatchFile(dir, name); err != nil || !matches || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") {
			continue
		}
		from := filepath.Join(dir, name)
		if edited := filepath.Join(out, name+".edited"); exists(edited) {
			from = edited
		}
		files[name], err = parser.ParseFile(fset, from, nil, 0)
		check(err)
	}
	return files
}

func declarations(files map[string]*ast.File) (all []*declaration, named map[string][]*declaration) {
	named = map[string][]*declaration{}
	for name, file := range files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				one := &declaration{file: name, decl: d}
				all = append(all, one)
				key := d.Name.Name
				if d.Recv != nil {
					key = "method of " + receiver(d)
				}
				named[key] = append(named[key], one)
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
				var whole *declaration
				if d.Tok == token.CONST && usesIota(d) {
					whole = &declaration{file: name, decl: d}
					all = append(all, whole)
				}
				for _, s := range d.Specs {
					one := whole
					if one == nil {
						one = &declaration{file: name, decl: d, spec: s}
						all = append(all, one)
					}
					for _, n := range names(s) {
						named[n] = append(named[n], one)
					}
				}
			}
		}
	}
	return all, named
}

// keep marks the roots and all that they name.
func keep(files map[string]*ast.File, named map[string][]*declaration, roots []string) {
	var queue []*declaration
	want := func(name string) {
		for _, d := range named[name] {
			if !d.kept {
				d.kept = true
				queue = append(queue, d)
			}
		}
	}
	for _, root := range roots {
		want(root)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		d := queue[0]
		if t, ok := d.spec.(*ast.TypeSpec); ok {
			want("method of " + t.Name.Name)
		}
		var walk func(ast.Node)
		walk = func(n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Field: // a parameter's or field's own name is no use of one
					walk(n.Type)
					return false
				case *ast.SelectorExpr:
					walk(n.X)
					return false
				case *ast.CompositeLit: // neither is the name of a field that gets a value
					if _, isMap := n.Type.(*ast.MapType); isMap || n.Type == nil {
						return true
					}
					walk(n.Type)
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							if _, ok := kv.Key.(*ast.Ident); ok {
								e = kv.Value
							}
						}
						walk(e)
					}
					return false
				case *ast.Ident:
					if n.Obj == nil || files[d.file].Scope.Lookup(n.Name) == n.Obj {
						want(n.Name)
					}
				}
				return true
			})
		}
		if d.spec != nil {
			walk(d.spec)
		} else {
			walk(d.decl)
		}
	}
}

func write(fset *token.FileSet, to, name string, file *ast.File, all []*declaration, renamed map[string]string) {
	var body bytes.Buffer
	used := map[string]bool{}
	done := map[ast.Decl]bool{}
	for _, d := range all {
		if d.file != name || !d.kept || done[d.decl] {
			continue
		}
		done[d.decl] = true
		node := d.decl
		if g, ok := node.(*ast.GenDecl); ok && d.spec != nil {
			group := &ast.GenDecl{Tok: g.Tok, Lparen: 1, Rparen: 2}
			for _, other := range all {
				if other.decl == d.decl && other.kept {
					group.Specs = append(group.Specs, other.spec)
				}
			}
			node = group
		} else if f, ok := node.(*ast.FuncDecl); ok {
			f.Doc = nil
		}
		ast.Inspect(node, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := s.X.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
			return true
		})
		check(format.Node(&body, fset, node))
		body.WriteString("\n\n")
	}
	if body.Len() == 0 {
		return
	}
	var text bytes.Buffer
	text.WriteString("package " + file.Name.Name + "\n\nimport (\n")
	for _, i := range file.Imports {
		from, _ := strconv.Unquote(i.Path.Value)
		name := packageName(from)
		if i.Name != nil {
			name = i.Name.Name
		}
		if !used[name] {
			continue
		}
		if now, ok := renamed[from]; ok {
			from = now
		}
		text.WriteString("\t" + name + " " + strconv.Quote(from) + "\n")
	}
	text.WriteString(")\n\n")
	text.Write(body.Bytes())
	check(os.WriteFile(to, text.Bytes(), 0o644))
}

// packageName guesses it from the path: versions of modules are no part of it, those of APIs are.
func packageName(from string) string {
	base := path.Base(from)
	isAPI := strings.HasPrefix(from, "k8s.io/api") || strings.HasPrefix(from, "k8s.io/cri-api")
	if regexp.MustCompile(`^v\d+$`).MatchString(base) && strings.Count(from, "/") > 1 && !isAPI {
		base = path.Base(path.Dir(from))
	}
	return strings.TrimSuffix(base, ".v4")
}

func names(s ast.Spec) (all []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		all = append(all, s.Name.Name)
	case *ast.ValueSpec:
		for _, id := range s.Names {
			all = append(all, id.Name)
		}
	}
	return all
}

func usesIota(d *ast.GenDecl) (uses bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		uses = uses || ok && id.Name == "iota"
		return true
	})
	return uses
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	id, _ := t.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
