package embed

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/searchattribute/sadefs"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"
)

// attributeName is what a list query can name without quotes.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// ParseAttribute reads "Name=Type", as in ReviewState=Keyword. The types are
// Bool, Datetime, Double, Int, Keyword, KeywordList and Text.
func ParseAttribute(s string) (name string, kind enums.IndexedValueType, err error) {
	name, typeName, ok := strings.Cut(s, "=")
	if !ok {
		return "", 0, fmt.Errorf("want Name=Type, as in ReviewState=Keyword, got %q", s)
	}
	kind, err = enums.IndexedValueTypeFromString(typeName)
	if err != nil || kind == enums.INDEXED_VALUE_TYPE_UNSPECIFIED {
		return "", 0, fmt.Errorf("%s: unknown type %q, want Bool, Datetime, Double, Int, Keyword, KeywordList or Text", name, typeName)
	}
	return name, kind, nil
}

// checkAttributes reports names that the server could not take or query.
func checkAttributes(wanted map[string]enums.IndexedValueType) error {
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if !attributeName.MatchString(name) || sadefs.IsReserved(name) {
			return fmt.Errorf("search attribute %q: the name is reserved or not made of letters, digits and underscores: choose another", name)
		}
	}
	return nil
}

// prepare waits for the server at address, then brings the namespace to what
// options ask for, and returns when all of it can be used.
func prepare(ctx context.Context, address string, options Options) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("temporal: %w", err)
	}
	defer conn.Close()
	workflows, operator := workflowservice.NewWorkflowServiceClient(conn), operatorservice.NewOperatorServiceClient(conn)

	err = poll(ctx, "temporal does not answer", func(ctx context.Context) error {
		return setRetention(ctx, workflows, options.Namespace, options.Retention)
	})
	if err != nil {
		return err
	}
	added, err := addAttributes(ctx, operator, options.Namespace, options.SearchAttributes)
	if err != nil {
		return err
	}
	if added {
		// The frontend can be asked whether it knows a new attribute; the other
		// services cannot, so they get the time in which they must have read it.
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(namespaceRefresh):
		}
	}
	return poll(ctx, "search attributes cannot be used", func(ctx context.Context) error {
		_, err := workflows.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: options.Namespace, PageSize: 1, Query: anyOf(options.SearchAttributes),
		})
		return err
	})
}

// setRetention makes the namespace keep closed workflows for retention.
func setRetention(ctx context.Context, client workflowservice.WorkflowServiceClient, name string, retention time.Duration) error {
	got, err := client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: name})
	if err != nil {
		return err
	}
	if got.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == retention {
		return nil
	}
	_, err = client.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: name,
		Config:    &namespace.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(retention)},
	})
	return err
}

// addAttributes adds those of wanted that the namespace lacks, and reports
// whether there were any.
func addAttributes(ctx context.Context, client operatorservice.OperatorServiceClient, name string, wanted map[string]enums.IndexedValueType) (added bool, err error) {
	got, err := client.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: name})
	if err != nil {
		return false, fmt.Errorf("search attributes: %w", err)
	}
	missing := make(map[string]enums.IndexedValueType)
	for attribute, kind := range wanted {
		switch is, ok := got.GetCustomAttributes()[attribute]; {
		case !ok:
			missing[attribute] = kind
		case is != kind:
			return false, fmt.Errorf("search attribute %s: is %s in this database, wanted as %s: "+
				"give the new one another name, or start with another database", attribute, is, kind)
		}
	}
	if len(missing) == 0 {
		return false, nil
	}
	_, err = client.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: name, SearchAttributes: missing})
	if err != nil {
		return false, fmt.Errorf("search attributes: %w", err)
	}
	return true, nil
}

// anyOf is a list query that names every one of the attributes.
func anyOf(attributes map[string]enums.IndexedValueType) string {
	var terms []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		terms = append(terms, name+" IS NOT NULL")
	}
	return strings.Join(terms, " OR ")
}
