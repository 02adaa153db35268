/** Generated from backend/openapi.yaml by `npm run schema`; never edited. */
export interface paths {
    "/api/departments/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description All departments, with the territories whose rules are documented. */
        get: operations["departments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/departments/{code}/rules/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The sorting rules of one department, one entry per material. */
        get: operations["rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The model index: today's champion of each task and engine. */
        get: operations["models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{sha256}.tflite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The file of one model; it is named by its content, so it never changes. */
        get: operations["model_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/products/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Products whose name or synonym fits, best first. */
        get: operations["products"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What can be recognised, and into which labels. */
        get: operations["tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}/recognise/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description Says what a photo shows and where it goes; keeps nothing of it. */
        post: operations["recognise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The bin of an answer, and who says so. */
        AnswerContainerOut: {
            code: string;
            name_fr: string;
            name_en: string;
            kind: string;
            colour: string;
            icon: string;
            condition_fr: string;
            condition_en: string;
            advice_fr: string;
            advice_en: string;
            scope: components["schemas"]["ScopeEnum"];
            source: string;
            source_url: string;
            source_date: string;
            unless: components["schemas"]["AnswerExceptionOut"][];
        };
        /** @description What holds instead of the rule where its condition is true. */
        AnswerExceptionOut: {
            key: string;
            /** Si */
            condition_fr: string;
            /** Si, en anglais */
            condition_en: string;
            container: string;
            readonly other_containers: string[];
            /** Conseil */
            advice_fr: string;
            /** Conseil anglais */
            advice_en: string;
            /** Portée */
            scope: components["schemas"]["ScopeEnum"];
            source: string;
            /** Adresse de la source */
            source_url?: string;
            /** Date de la source */
            source_date: string;
            /** Confiance */
            confidence: components["schemas"]["ConfidenceEnum"];
        };
        AnswerOut: {
            task: string;
            answers: components["schemas"]["EntryOut"][];
            container: components["schemas"]["AnswerContainerOut"] | null;
        };
        /** @description What `recognise` takes. */
        CaptureInRequest: {
            /** Format: binary */
            file: string;
            /** @description Default: every engine. */
            engine?: string;
            department?: string;
            territory?: string;
        };
        /**
         * @description * `high` - forte
         *     * `medium` - moyenne
         *     * `low` - faible
         * @enum {string}
         */
        ConfidenceEnum: "high" | "medium" | "low";
        ContainerOut: {
            code: string;
            /** Nom */
            name_fr: string;
            /** Nom anglais */
            name_en: string;
            /** Nature */
            kind: components["schemas"]["ContainerOutKindEnum"];
            /** Couleur */
            colour?: string;
            /** Icône */
            icon: string;
        };
        /**
         * @description * `bin` - bac
         *     * `drop_off` - point d’apport
         *     * `recycling_centre` - déchèterie
         *     * `take_back` - reprise
         * @enum {string}
         */
        ContainerOutKindEnum: "bin" | "drop_off" | "recycling_centre" | "take_back";
        DepartmentOut: {
            code: string;
            /** Nom */
            name: string;
            region: components["schemas"]["RegionOut"];
            territories: components["schemas"]["TerritoryOut"][];
        };
        /** @description The same for a department, with what its territories document. */
        DepartmentRulingOut: {
            category: string;
            category_name_fr: string;
            category_name_en: string;
            hint_fr: string;
            hint_en: string;
            condition_fr: string;
            condition_en: string;
            container: components["schemas"]["ContainerOut"];
            other_containers: string[];
            advice_fr: string;
            advice_en: string;
            scope: components["schemas"]["ScopeEnum"];
            source: string;
            source_url: string;
            source_date: string;
            confidence: components["schemas"]["ConfidenceEnum"];
            unless: components["schemas"]["ExceptionOut"][];
            local: components["schemas"]["LocalRulingOut"][];
        };
        /**
         * @description * `net` - net
         * @enum {string}
         */
        EngineEnum: "net";
        /** @description What one engine says; `problem` stands instead where it failed and another did not. */
        EntryOut: {
            engine: string;
            version?: string;
            label?: string | null;
            /** Format: double */
            score?: number;
            unsure?: boolean;
            top?: components["schemas"]["RankedOut"][];
            windows?: components["schemas"]["WindowOut"][];
            /** Format: double */
            latency_ms?: number;
            problem?: {
                [key: string]: unknown;
            };
        };
        /** @description What holds instead of the rule where its condition is true. */
        ExceptionOut: {
            key: string;
            /** Si */
            condition_fr: string;
            /** Si, en anglais */
            condition_en: string;
            container: components["schemas"]["ContainerOut"];
            readonly other_containers: string[];
            /** Conseil */
            advice_fr: string;
            /** Conseil anglais */
            advice_en: string;
            /** Portée */
            scope: components["schemas"]["ScopeEnum"];
            source: string;
            /** Adresse de la source */
            source_url?: string;
            /** Date de la source */
            source_date: string;
            /** Confiance */
            confidence: components["schemas"]["ConfidenceEnum"];
        };
        FaultOut: {
            pointer: string;
            detail: string;
        };
        LabelOut: {
            code: string;
            name_fr: string;
            name_en: string;
        };
        /** @description The same for a territory inside the department. */
        LocalRulingOut: {
            category: string;
            category_name_fr: string;
            category_name_en: string;
            hint_fr: string;
            hint_en: string;
            condition_fr: string;
            condition_en: string;
            container: components["schemas"]["ContainerOut"];
            other_containers: string[];
            advice_fr: string;
            advice_en: string;
            scope: components["schemas"]["ScopeEnum"];
            source: string;
            source_url: string;
            source_date: string;
            confidence: components["schemas"]["ConfidenceEnum"];
            unless: components["schemas"]["ExceptionOut"][];
            territory: string;
        };
        /** @description A champion; `url` serves its file, which never changes. */
        ModelOut: {
            /** Tâche */
            task: components["schemas"]["TaskEnum"];
            /** Moteur */
            engine: components["schemas"]["EngineEnum"];
            version: string;
            sha256: string;
            /**
             * Octets
             * Format: int64
             */
            size_bytes: number;
            readonly url: string;
            card: {
                [key: string]: unknown;
            };
        };
        /** @description RFC 9457; `type` is one of /problems/, `errors` come with 400 only. */
        ProblemOut: {
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            errors?: components["schemas"]["FaultOut"][];
        };
        /** @description A product, where it goes (best place first), and how well its name fits. */
        ProductOut: {
            code: string;
            name_fr: string;
            category: string;
            containers: components["schemas"]["ContainerOut"][];
            /** Format: double */
            score: number;
        };
        RankedOut: {
            label: string;
            /** Format: double */
            score: number;
        };
        RegionOut: {
            code: string;
            /** Nom */
            name: string;
        };
        /**
         * @description * `national` - nationale
         *     * `departmental` - départementale
         *     * `local` - locale
         * @enum {string}
         */
        ScopeEnum: "national" | "departmental" | "local";
        /**
         * @description * `waste` - waste
         * @enum {string}
         */
        TaskEnum: "waste";
        TaskOut: {
            name: string;
            modality: string;
            labels: components["schemas"]["LabelOut"][];
            engines: string[];
        };
        TerritoryOut: {
            code: string;
            /** Nom */
            name: string;
            /** Nature */
            kind: components["schemas"]["TerritoryOutKindEnum"];
        };
        /**
         * @description * `intercommunality` - intercommunalité
         *     * `commune` - commune
         * @enum {string}
         */
        TerritoryOutKindEnum: "intercommunality" | "commune";
        WindowOut: {
            /** Format: double */
            start_s: number;
            /** Format: double */
            end_s: number;
            top: components["schemas"]["RankedOut"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    departments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepartmentOut"][];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    rules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepartmentRulingOut"][];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOut"][];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    model_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    products: {
        parameters: {
            query: {
                /** @description A name, typos allowed. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductOut"][];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    tasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskOut"][];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
    recognise: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["CaptureInRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswerOut"];
                };
            };
            /** @description A problem of /problems/. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemOut"];
                };
            };
        };
    };
}
